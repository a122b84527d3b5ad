/**
 * Limits the size of a statement's result from PGlite, which would otherwise collect all rows in memory first. Rows are
 * fetched in portions, and the statement is stopped once it has returned too much.
 */
import { messages, protocol, type PGlite } from '@electric-sql/pglite';
import { RemoteDatabaseError, LIMIT_EXCEEDED } from '../socket/errors.ts';

const PORTION_ROWS = 500;
/** Type bytes of messages of PostgreSQL's protocol. */
const EXECUTE = 0x45;

const { serialize, Parser } = protocol;

export class ResultBound {
  /** Limit of the current statements; undefined: unlimited. */
  maxBytes: number | undefined;

  constructor(pglite: PGlite) {
    const plain = pglite.execProtocolStream.bind(pglite);
    // PGlite's queries go through this method, message by message.
    pglite.execProtocolStream = async (message, options) => {
      const { maxBytes } = this;
      if (maxBytes === undefined || message[0] !== EXECUTE) return plain(message, options);
      const all: messages.BackendMessage[] = [];
      let left = maxBytes;
      for (;;) {
        const { bytes, parts } = await fetchPortion(pglite, left);
        left -= bytes;
        if (left < 0) {
          // Makes the statement fail and roll back.
          await plain(serialize.parse({ text: 'too large' })).catch(() => undefined);
          throw new RemoteDatabaseError(
            `the statement returned more than ${maxBytes} bytes; ask for fewer rows or columns`,
            LIMIT_EXCEEDED,
          );
        }
        const portion = parse(parts);
        all.push(...portion);
        if (!portion.some(({ name }) => name === 'portalSuspended')) return all;
      }
    };
  }
}

/** Bytes above `maxBytes` are counted and dropped, because PGlite cannot be stopped while it sends. */
async function fetchPortion(
  pglite: PGlite,
  maxBytes: number,
): Promise<{ bytes: number; parts: readonly Uint8Array[] }> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  await pglite.execProtocolRawStream(serialize.execute({ rows: PORTION_ROWS }), {
    syncToFs: false,
    onRawData(data) {
      bytes += data.length;
      // PGlite reuses the memory.
      if (bytes <= maxBytes) parts.push(data.slice());
    },
  });
  return { bytes, parts };
}

/** Throws the error if the statement failed, as PGlite does. */
function parse(parts: readonly Uint8Array[]): messages.BackendMessage[] {
  const all: messages.BackendMessage[] = [];
  const parser = new Parser();
  for (const part of parts) parser.parse(part, (message) => void all.push(message));
  const failure = all.find((message) => message instanceof messages.DatabaseError);
  if (failure !== undefined) throw failure;
  return all;
}
