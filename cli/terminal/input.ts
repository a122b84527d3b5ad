/** Reads input from files and standard input. */
import { readFile, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { UsageError } from '../errors.ts';
import type { Terminal } from './terminal.ts';

/** Limit on input that is read into memory. */
const MAX_BYTES = 64 * 1024 * 1024;

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EISDIR: 'it is a folder',
  EACCES: 'permission denied',
};

/** @param path `-` is standard input */
export async function readInput(
  terminal: Terminal,
  path: string,
): Promise<Uint8Array<ArrayBuffer>> {
  if (path === '-') return readStandardInput(terminal);
  const full = resolve(terminal.cwd, path);
  try {
    const { size } = await stat(full);
    if (size > MAX_BYTES) throw new UsageError(`${path} is larger than 64 MiB. Send less.`);
    return new Uint8Array(await readFile(full));
  } catch (error) {
    if (error instanceof UsageError) throw error;
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    throw new UsageError(`${path} cannot be read: ${REASONS[code] ?? code}. Check the path.`);
  }
}

export async function readInputText(terminal: Terminal, path: string): Promise<string> {
  return new TextDecoder().decode(await readInput(terminal, path));
}

async function readStandardInput({ stdin }: Terminal): Promise<Uint8Array<ArrayBuffer>> {
  if (stdin.isTTY === true) {
    throw new UsageError('Standard input is a terminal. Pipe the input in, or name a file.');
  }
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of stdin) {
    const bytes: Uint8Array = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
    chunks.push(bytes);
    length += bytes.length;
    if (length > MAX_BYTES) throw new UsageError('Standard input is larger than 64 MiB.');
  }
  const whole = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}
