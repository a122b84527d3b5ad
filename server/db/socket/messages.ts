/** Messages of the socket. */

/** Messages of a client. Responses repeat `id`; `tx` is the `id` of the transaction's `begin`. */
export type SocketRequest =
  | {
      readonly id: number;
      readonly kind: 'query';
      readonly text: string;
      readonly values: readonly unknown[];
      readonly tx: number | undefined;
    }
  | {
      readonly id: number;
      readonly kind: 'execute';
      readonly text: string;
      readonly tx: number | undefined;
    }
  | { readonly id: number; readonly kind: 'begin' }
  | { readonly id: number; readonly kind: 'commit' | 'rollback'; readonly tx: number }
  | { readonly id: number; readonly kind: 'listen' | 'unlisten'; readonly channel: string };

/** Messages of the server: responses, and notices on a channel. */
export type SocketResponse =
  | { readonly id: number; readonly rows: readonly unknown[] }
  | { readonly id: number; readonly error: object }
  | { readonly channel: string; readonly payload: string };

/** Maximum length of a channel's name in PostgreSQL. */
const MAX_CHANNEL = 63;

/** Validates a client's message. Throws if it is invalid. */
export function readRequest(message: unknown): SocketRequest {
  const { id, kind, text, values, tx, channel } = fieldsOf(message);
  if (!isId(id)) throw new TypeError('a request has no id');
  const within = tx === undefined || isId(tx);
  if (kind === 'query' && typeof text === 'string' && Array.isArray(values) && within) {
    return { id, kind, text, values, tx };
  }
  if (kind === 'execute' && typeof text === 'string' && within) return { id, kind, text, tx };
  if (kind === 'begin') return { id, kind };
  if ((kind === 'commit' || kind === 'rollback') && isId(tx)) return { id, kind, tx };
  if ((kind === 'listen' || kind === 'unlisten') && isChannel(channel))
    return { id, kind, channel };
  throw new TypeError('a request is of no known kind');
}

/** Validates a server's message. Throws if it is invalid. */
export function readResponse(message: unknown): SocketResponse {
  const { id, rows, error, channel, payload } = fieldsOf(message);
  if (isId(id) && Array.isArray(rows)) return { id, rows };
  if (isId(id) && typeof error === 'object' && error !== null) return { id, error };
  if (isChannel(channel) && typeof payload === 'string') return { channel, payload };
  throw new TypeError('a response is of no known kind');
}

export function fieldsOf(message: unknown): Readonly<Record<string, unknown>> {
  return typeof message === 'object' && message !== null ? { ...message } : {};
}

function isId(value: unknown): value is number {
  return Number.isSafeInteger(value);
}

function isChannel(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && Buffer.byteLength(value) <= MAX_CHANNEL;
}
