import { streamFrom } from '../../olin/platform/node-http.ts';
import type { Terminal } from '../terminal/terminal.ts';

/** Standard input as a stream; empty if it is a terminal, so that a command does not wait for the user to type. */
export function standardInput({ stdin }: Terminal): string | ReadableStream<Uint8Array> {
  return stdin.isTTY === true ? '' : streamFrom(stdin);
}
