/**
 * Messages on a stream. A frame is two big-endian numbers of 32 bits, the length of the JSON and the length of the
 * bytes, then the JSON, then the bytes (`values.ts`).
 */
import { ByteParts, decodeValue, encodeValue } from './values.ts';

const HEADER_BYTES = 8;
/** Maximum size of a message. The largest statement of an executor is a batch of the journal. */
export const MAX_FRAME_BYTES = 64 * 1024 * 1024;

/** Thrown if a message is too large to be sent, or was received with such a length. */
export class FrameTooLarge extends Error {
  constructor(bytes: number) {
    super(`a message of ${bytes} bytes is larger than ${MAX_FRAME_BYTES}`);
    this.name = 'FrameTooLarge';
  }
}

/** Encodes a message as the buffers of one frame. Throws {@link FrameTooLarge}. */
export function encodeFrame(message: object): Buffer {
  const bytes = new ByteParts();
  const json = Buffer.from(JSON.stringify(encodeValue(message, bytes)));
  const length = json.length + bytes.length;
  if (length > MAX_FRAME_BYTES) throw new FrameTooLarge(length);
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt32BE(json.length, 0);
  header.writeUInt32BE(bytes.length, 4);
  return Buffer.concat([header, json, ...bytes.parts], HEADER_BYTES + length);
}

/** Splits a stream into messages. It buffers at most one incomplete frame. */
export class FrameReader {
  readonly #onMessage: (message: unknown, bytes: number) => void;
  #chunks: Buffer[] = [];
  #length = 0;
  /** Bytes received of the current frame, with its header. */
  #wanted = HEADER_BYTES;

  /** @param onMessage called with each message and the bytes of its frame */
  constructor(onMessage: (message: unknown, bytes: number) => void) {
    this.#onMessage = onMessage;
  }

  /** Throws if the data is not a frame, or too large. The stream cannot be used then. */
  push(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#length += chunk.length;
    while (this.#length >= this.#wanted) {
      const all = this.#chunks.length === 1 ? chunk : Buffer.concat(this.#chunks, this.#length);
      const [jsonLength, bytesLength] = readHeader(all);
      const end = HEADER_BYTES + jsonLength + bytesLength;
      if (all.length < end) {
        this.#chunks = [all];
        this.#wanted = end;
        return;
      }
      const bytesAt = HEADER_BYTES + jsonLength;
      const json: unknown = JSON.parse(all.toString('utf8', HEADER_BYTES, bytesAt));
      const message = decodeValue(json, all.subarray(bytesAt, end));
      const rest = all.subarray(end);
      this.#chunks = rest.length === 0 ? [] : [rest];
      this.#length = rest.length;
      this.#wanted = HEADER_BYTES;
      chunk = rest;
      this.#onMessage(message, end);
    }
  }
}

function readHeader(bytes: Buffer): [json: number, bytes: number] {
  const lengths: [number, number] = [bytes.readUInt32BE(0), bytes.readUInt32BE(4)];
  const sum = lengths[0] + lengths[1];
  if (sum > MAX_FRAME_BYTES) throw new FrameTooLarge(sum);
  return lengths;
}
