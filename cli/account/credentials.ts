/**
 * Stores one token per server origin in the user's configuration folder, in a file that only the user can read. A token
 * is returned only for the origin it was saved for.
 */
import { randomBytes } from 'node:crypto';
import { chmod, mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { CommandError } from '../errors.ts';
import { isToken } from './token.ts';

export interface Credential {
  readonly token: string;
  readonly tokenId: string;
  readonly username: string;
  readonly expiresAt: string;
}

interface CredentialsFile {
  /** The origin signed in to last. */
  readonly current?: string;
  readonly servers: Readonly<Record<string, Credential>>;
}

type Env = Readonly<Record<string, string | undefined>>;

export class Credentials {
  readonly path: string;
  readonly #folder: string;

  constructor(env: Env, platform: NodeJS.Platform = process.platform) {
    this.#folder = join(configurationFolder(env, platform), 'trisiel');
    this.path = join(this.#folder, 'credentials.json');
  }

  async current(): Promise<string | undefined> {
    return (await this.#read()).current;
  }

  async find(origin: string): Promise<Credential | undefined> {
    const { servers } = await this.#read();
    return Object.hasOwn(servers, origin) ? servers[origin] : undefined;
  }

  /** Saves a token and makes its server the default. */
  async save(origin: string, credential: Credential): Promise<void> {
    const { servers } = await this.#read();
    await this.#write({ current: origin, servers: { ...servers, [origin]: credential } });
  }

  async forget(origin: string): Promise<void> {
    const { servers, ...rest } = await this.#read();
    await this.#write({
      ...rest,
      servers: Object.fromEntries(Object.entries(servers).filter(([key]) => key !== origin)),
    });
  }

  /** Reports whether other users of this machine can read the file. */
  async isOpenToOthers(): Promise<boolean> {
    if (process.platform === 'win32') return false;
    const found = await stat(this.path).catch(() => undefined);
    return found !== undefined && (found.mode & 0o077) !== 0;
  }

  async #read(): Promise<CredentialsFile> {
    let text: string;
    try {
      text = await readFile(this.path, 'utf8');
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') {
        return { servers: {} };
      }
      throw new CommandError(`${this.path} cannot be read. Fix its permissions, or delete it.`);
    }
    const saved = parseCredentialsFile(text);
    if (saved !== undefined) return saved;
    throw new CommandError(`${this.path} is damaged. Delete it, and sign in again: trisiel login`);
  }

  /** Writes atomically, through a temporary file that is never readable by others. */
  async #write(saved: CredentialsFile): Promise<void> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    await chmod(this.#folder, 0o700);
    const draft = `${this.path}.${randomBytes(6).toString('hex')}`;
    try {
      await writeFile(draft, `${JSON.stringify(saved, null, 2)}\n`, { mode: 0o600, flag: 'wx' });
      await rename(draft, this.path);
    } catch (error) {
      await rm(draft, { force: true });
      throw error;
    }
  }
}

/** The platform's folder for user configuration. */
function configurationFolder(env: Env, platform: NodeJS.Platform): string {
  const { XDG_CONFIG_HOME, APPDATA } = env;
  const home = env['HOME'] ?? homedir();
  if (XDG_CONFIG_HOME !== undefined && XDG_CONFIG_HOME !== '') return XDG_CONFIG_HOME;
  if (platform === 'win32') return APPDATA ?? join(home, 'AppData', 'Roaming');
  if (platform === 'darwin') return join(home, 'Library', 'Application Support');
  return join(home, '.config');
}

function parseCredentialsFile(text: string): CredentialsFile | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null || !('servers' in value)) return undefined;
  const { servers } = value;
  if (typeof servers !== 'object' || servers === null) return undefined;
  const known: [string, Credential][] = [];
  for (const [origin, each] of Object.entries(servers)) {
    if (!isCredential(each)) return undefined;
    known.push([origin, each]);
  }
  const current = 'current' in value ? value.current : undefined;
  return {
    servers: Object.fromEntries(known),
    ...(typeof current === 'string' ? { current } : {}),
  };
}

function isCredential(value: unknown): value is Credential {
  return (
    typeof value === 'object' &&
    value !== null &&
    'token' in value &&
    isToken(String(value.token)) &&
    ['token', 'tokenId', 'username', 'expiresAt'].every(
      (key) => typeof Object.entries(value).find(([name]) => name === key)?.[1] === 'string',
    )
  );
}
