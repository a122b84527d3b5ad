/** A playground's state in a link: JSON, deflated, base64url, in the fragment, which no server sees. */
import type { ExampleInput } from '../../examples/types.ts';

export interface SharedState {
  readonly example: string;
  /** Present where the source was edited. */
  readonly source?: string;
  readonly input: ExampleInput;
}

/** The fragment begins so. */
const PREFIX = '#play=';
/** Longer links are cut by chat programs and mail. */
const MAX_LINK_CHARACTERS = 16_000;
/** What a small link may unfold to. */
const MAX_STATE_BYTES = 1_000_000;

export type Shared<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly message: string };

export function hasShare(hash: string): boolean {
  return hash.startsWith(PREFIX);
}

/** The fragment that holds the state, `#` included. */
export async function encodeShare(state: SharedState): Promise<Shared<string>> {
  const text = new Blob([JSON.stringify(state)]).stream();
  const deflated = text.pipeThrough(new CompressionStream('deflate-raw'));
  const bytes = new Uint8Array(await new Response(deflated).arrayBuffer());
  const value = PREFIX + toBase64Url(bytes);
  if (value.length <= MAX_LINK_CHARACTERS) return { ok: true, value };
  const message = `This is too much for a link: ${value.length} characters of at most ${MAX_LINK_CHARACTERS}. Shorten the source or the input.`;
  return { ok: false, message };
}

/** The state that a fragment holds. */
export async function decodeShare(hash: string): Promise<Shared<SharedState>> {
  const damaged = {
    ok: false,
    message: 'The link is damaged: part of it is missing or changed. Ask for it again.',
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

/** Throws where the text is no base64url. */
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
