/** Reads a `.env` file named on the command line. */
import { describeEnvProblem, parseEnvFile } from '../../client/env-file.ts';
import { UsageError } from '../errors.ts';
import { readInput } from '../terminal/input.ts';
import type { Terminal } from '../terminal/terminal.ts';

/**
 * Returns its keys and values. Throws a UsageError with line and column if any line is invalid: setting half the secrets
 * of a file is worse than setting none.
 *
 * @param path `-` is standard input
 */
export async function readEnvFile(
  terminal: Terminal,
  path: string,
): Promise<ReadonlyMap<string, string>> {
  const place = path === '-' ? 'Standard input' : path;
  const { values, problems } = parseEnvFile(decode(place, await readInput(terminal, path)));
  const [first] = problems;
  if (first === undefined) return values;
  const others = problems.length - 1;
  const more =
    others === 0 ? '' : ` ${others} more ${others === 1 ? 'line is' : 'lines are'} invalid.`;
  throw new UsageError(`${place}, ${describeEnvProblem(first)}${more}`);
}

/** Rejects invalid UTF-8, because a replacement character would corrupt a secret. */
function decode(place: string, bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new UsageError(`${place} is not UTF-8 text. Save it as UTF-8.`);
  }
}
