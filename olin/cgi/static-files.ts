/**
 * Answers requests for the static files of a module without starting the guest: GET and HEAD, with a content type by
 * the file's name, an entity tag, and one range of bytes (RFC 9110 sections 8.8, 13 and 14).
 */
import { staticFilesOf } from '../run/given-files.ts';
import type { RunnableModule } from '../module/module.ts';
import type { RunOptions, RunResult } from '../types.ts';
import { parseRequestUrl } from './request-url.ts';
import { contentTypeOf } from './content-types.ts';

type RunGuest = (options: RunOptions) => Promise<RunResult>;

export interface StaticRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Iterable<readonly [name: string, value: string]>;
}

interface StaticReply {
  readonly status: string;
  readonly fields: readonly (readonly [name: string, value: string])[];
  readonly body: Uint8Array;
}

const CHUNK_BYTES = 64 * 1024;
const INDEX = 'index.html';
const NOTHING = new Uint8Array(0);
const utf8 = new TextEncoder();

/** Returns a function that answers the request; undefined if the guest must answer it. */
export function staticRun(
  module: RunnableModule,
  request: StaticRequest,
  scriptName = '',
): RunGuest | undefined {
  const { method, url } = request;
  if (method !== 'GET' && method !== 'HEAD') return undefined;
  const files = staticFilesOf(module.module);
  const path = files && pathOf(url, scriptName);
  if (path === undefined) return undefined;
  const bytes = files?.get(path);
  if (files === undefined || bytes === undefined) return undefined;
  return async (options) => {
    const tag = await files.tagOf(path);
    return send(chooseReply(request, path, bytes, tag), method === 'GET', options);
  };
}

/** Returns the path of the URL's file below the folder of static files; undefined if there is none. */
function pathOf(url: string, scriptName: string): string | undefined {
  const { pathname } = parseRequestUrl(url);
  if (!pathname.startsWith(`${scriptName}/`)) return undefined;
  const rest = pathname.slice(scriptName.length + 1);
  try {
    const path = decodeURIComponent(rest);
    return path === '' || path.endsWith('/') ? path + INDEX : path;
  } catch {
    return undefined;
  }
}

function chooseReply(
  { method, headers }: StaticRequest,
  path: string,
  bytes: Uint8Array,
  tag: string,
): StaticReply {
  const given = new Map<string, string>();
  for (const [name, value] of headers) {
    const lower = name.toLowerCase();
    const before = given.get(lower);
    given.set(lower, before === undefined ? value : `${before}, ${value}`);
  }
  const shared = [
    ['ETag', tag],
    // Clients must revalidate each time, and get the file only if it has changed.
    ['Cache-Control', 'no-cache'],
  ] as const;
  if (matches(given.get('if-none-match'), tag)) {
    return { status: '304 Not Modified', fields: shared, body: NOTHING };
  }
  const fields = [
    ...shared,
    ['Content-Type', contentTypeOf(path)],
    ['X-Content-Type-Options', 'nosniff'],
    ['Accept-Ranges', 'bytes'],
  ] as const;
  const isWhole = method !== 'GET' || (given.get('if-range') ?? tag) !== tag;
  const wanted = isWhole ? undefined : given.get('range');
  const range = wanted === undefined ? undefined : readRange(wanted, bytes.length);
  if (range === undefined) return { status: '200 OK', fields, body: bytes };
  const total = bytes.length;
  if (range === 'none') {
    const described = [...fields, ['Content-Range', `bytes */${total}`] as const];
    return { status: '416 Range Not Satisfiable', fields: described, body: NOTHING };
  }
  const { from, to } = range;
  return {
    status: '206 Partial Content',
    fields: [...fields, ['Content-Range', `bytes ${from}-${to - 1}/${total}`]],
    body: bytes.subarray(from, to),
  };
}

/** Returns whether the list of `If-None-Match` contains the tag, by weak comparison. */
function matches(list: string | undefined, tag: string): boolean {
  if (list === undefined) return false;
  return list.split(',').some((each) => {
    const found = each.trim().replace(/^W\//, '');
    return found === '*' || found === tag;
  });
}

/**
 * Returns undefined unless the value is a single range of bytes (others are ignored), and `none` for one outside the
 * file.
 */
function readRange(
  header: string,
  size: number,
): { readonly from: number; readonly to: number } | 'none' | undefined {
  const [, first = '', last = ''] = /^bytes=(\d{0,15})-(\d{0,15})$/i.exec(header.trim()) ?? [];
  if (first === '') {
    if (last === '') return undefined;
    const count = Math.min(Number(last), size);
    return count === 0 ? 'none' : { from: size - count, to: size };
  }
  const from = Number(first);
  const to = last === '' ? size : Math.min(Number(last) + 1, size);
  if (last !== '' && Number(last) < from) return undefined;
  return from >= size ? 'none' : { from, to };
}

/** Writes a reply in CGI's format, as a guest would. */
async function send(
  { status, fields, body }: StaticReply,
  hasBody: boolean,
  { platform, stdout = () => {}, signal }: RunOptions,
): Promise<RunResult> {
  const startedAt = platform.monotonic();
  const head = [['Status', status], ...fields, ['Content-Length', String(body.length)]] as const;
  const isBodiless = status.startsWith('304');
  const lines = head
    .filter(([name]) => name !== 'Content-Length' || !isBodiless)
    .map(([name, value]) => `${name}: ${value}\n`);
  await stdout(utf8.encode(`${lines.join('')}\n`));
  let sent = 0;
  while (hasBody && sent < body.length && signal?.aborted !== true) {
    const chunk = body.subarray(sent, sent + CHUNK_BYTES);
    // A copy, because the receiver may transfer it, and all runs share the file.
    await stdout(platform.copy(chunk));
    sent += chunk.length;
  }
  const isCut = hasBody && sent < body.length;
  return {
    exit: isCut ? null : 0,
    ...(isCut && { trap: CANCELLED }),
    output: NOTHING,
    errorOutput: NOTHING,
    log: [],
    trace: [],
    bill: {
      gas: 0,
      memoryPages: 0,
      calls: {},
      urls: [],
      bytesIn: 0,
      bytesOut: sent,
      wallMs: platform.monotonic() - startedAt,
    },
  };
}

const CANCELLED = {
  code: 'cancelled',
  message: 'The guest was stopped by its caller.',
  backtrace: [],
} as const;
