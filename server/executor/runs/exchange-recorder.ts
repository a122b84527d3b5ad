/** Records headers and the first bytes of the request body, for handlers that record traces. */
import type { ReplyHead } from '../../../olin/index.ts';
import type { ExecutionExchange, ExecutionHeader } from '../../db/runs/executions.ts';
import { BoundedBuffer } from './bounded-buffer.ts';

/** Headers with such names, custom ones included, hold credentials. Their values are not recorded. */
const SECRET = /auth|cookie|token|secret|passw|key|session|signature|credential/i;
const LEFT_OUT = '(left out)';
const HEADER_CHARACTERS = 16_384;

export class ExchangeRecorder {
  readonly #requestHeaders: readonly ExecutionHeader[];
  readonly #body = new BoundedBuffer();
  #replyHeaders: readonly ExecutionHeader[] = [];

  constructor(requestHeaders: Iterable<ExecutionHeader>) {
    this.#requestHeaders = boundHeaders(requestHeaders);
  }

  /** Records a chunk of the request body. */
  readonly takeBody = this.#body.take;

  takeHead({ fields }: ReplyHead): void {
    this.#replyHeaders = boundHeaders(fields.map(({ name, value }) => [name, value]));
  }

  exchange(): ExecutionExchange {
    return {
      requestHeaders: this.#requestHeaders,
      body: Buffer.from(this.#body.bytes()).toString('base64'),
      replyHeaders: this.#replyHeaders,
    };
  }
}

function boundHeaders(headers: Iterable<ExecutionHeader>): ExecutionHeader[] {
  const kept: ExecutionHeader[] = [];
  let room = HEADER_CHARACTERS;
  for (const [name, value] of headers) {
    room -= name.length + value.length;
    if (room < 0) break;
    kept.push([name, SECRET.test(name) ? LEFT_OUT : value]);
  }
  return kept;
}
