/**
 * Encodes a playground's state in a link: deflated JSON, as base64url, in the fragment, which is not sent to the
 * server.
 */
import type { ExampleInput } from '../../examples/types.ts';

export interface SharedState {
  readonly example: string;
  /** Present if the source was edited. */
  readonly source?: string;
  readonly input: ExampleInput;
}

/** Prefix of the fragment. */
const PREFIX = '#play=';
/** Chat and mail programs truncate longer links. */
const MAX_LINK_CHARACTERS = 16_000;
/** Limit on the inflated state, against decompression bombs. */
const MAX_STATE_BYTES = 1_000_000;

export type ShareResult<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly message: string };

export function hasShare(hash: string): boolean {
  return hash.startsWith(PREFIX);
}

/** Returns the fragment that encodes the state, including `#`. */
export async function encodeShare(state: SharedState): Promise<ShareResult<string>> {
  const text = new Blob([JSON.stringify(state)]).stream();
  const deflated = text.pipeThrough(new CompressionStream('deflate-raw'));
  const bytes = new Uint8Array(await new Response(deflated).arrayBuffer());
  const value = PREFIX + toBase64Url(bytes);
  if (value.length <= MAX_LINK_CHARACTERS) return { ok: true, value };
  const message = `This is too long for a link: ${value.length} characters, at most ${MAX_LINK_CHARACTERS} are allowed. Shorten the source or the input.`;
  return { ok: false, message };
}

/** Decodes a fragment. */
export async function decodeShare(hash: string): Promise<ShareResult<SharedState>> {
  const damaged = {
    ok: false,
    message: 'The link is damaged: part of it is missing or changed. Ask the sender for it again.',
  } as const;
  try {
    const bytes = fromBase64Url(hash.slice(PREFIX.length));
    const text = await inflate(bytes);
    if (text === undefined) return damaged;
    const state: unknown = JSON.parse(text);
    return isSharedState(state) ? { ok: true, value: state } : damaged;
  } catch {
    return damaged;
  }
}

function toBase64Url(bytes: Uint8Array): string {
  const characters = Array.from(bytes, (byte) => String.fromCharCode(byte)).join('');
  return btoa(characters).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

/** Throws if the text is not base64url. */
function fromBase64Url(text: string): Uint8Array<ArrayBuffer> {
  const characters = atob(text.replaceAll('-', '+').replaceAll('_', '/'));
  return Uint8Array.from(characters, (character) => character.charCodeAt(0));
}

async function inflate(bytes: Uint8Array<ArrayBuffer>): Promise<string | undefined> {
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('deflate-raw'));
  const decoder = new TextDecoder('utf-8', { fatal: true });
  const reader = stream.getReader();
  let text = '';
  let length = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return text + decoder.decode();
    length += value.length;
    if (length > MAX_STATE_BYTES) {
      await reader.cancel();
      return undefined;
    }
    text += decoder.decode(value, { stream: true });
  }
}

function isSharedState(value: unknown): value is SharedState {
  if (!isRecord(value) || !isRecord(value['input'])) return false;
  const { example, source, input } = value;
  const { request, args, env, stdin, policy } = input;
  return (
    typeof example === 'string' &&
    /^[a-z0-9-]+$/.test(example) &&
    isTextOrAbsent(source) &&
    isTextOrAbsent(stdin) &&
    isTextOrAbsent(policy) &&
    (args === undefined || (Array.isArray(args) && args.every((arg) => typeof arg === 'string'))) &&
    (env === undefined || isTextRecord(env)) &&
    (request === undefined || isRequest(request))
  );
}

function isRequest(value: unknown): boolean {
  if (!isRecord(value)) return false;
  const { method, path, headers, body } = value;
  return (
    typeof method === 'string' &&
    typeof path === 'string' &&
    (headers === undefined || isTextRecord(headers)) &&
    isTextOrAbsent(body)
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isTextRecord(value: unknown): boolean {
  return isRecord(value) && Object.values(value).every((each) => typeof each === 'string');
}

function isTextOrAbsent(value: unknown): boolean {
  return value === undefined || typeof value === 'string';
}
