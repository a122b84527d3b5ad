/** The path of the database's socket: a file in the data folder, or a named pipe on Windows. */
import { createHash } from 'node:crypto';
import { join, relative, resolve } from 'node:path';
import type { Config } from '../../config.ts';
import { ConfigError } from '../../read-settings.ts';

/** The kernel's limit is 108 bytes on Linux and 104 on macOS, including the terminating zero. */
const MAX_PATH_BYTES = 103;

/** Throws a {@link ConfigError} if the data folder's path is too long for a socket. */
export function socketPath({ dataDir }: Pick<Config, 'dataDir'>): string {
  const folder = resolve(dataDir);
  if (process.platform === 'win32') {
    const name = createHash('sha256').update(folder).digest('hex').slice(0, 32);
    return `\\\\.\\pipe\\trisiel-${name}`;
  }
  const path = join(folder, 'database.sock');
  // All processes have the same working directory, and the relative path may be shorter.
  const shorter = relative(process.cwd(), path);
  const found = [path, shorter].find((each) => Buffer.byteLength(each) <= MAX_PATH_BYTES);
  if (found !== undefined) return found;
  throw new ConfigError(
    'DATA_DIR is too long for the socket of the embedded database. Choose a folder with a shorter path.',
  );
}
