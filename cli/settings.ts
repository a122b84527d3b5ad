/**
 * Settings of a command: server, token, handler and project. Flags override the environment, which overrides trisiel.toml,
 * then saved values, then defaults.
 */
import { Credentials } from './account/credentials.ts';
import { CommandError, UsageError } from './errors.ts';
import { isHandlerName, NAME_FORM } from './handler/handler-name.ts';
import { findProject } from './project/file/find-project.ts';
import type { Project } from './project/file/project-keys.ts';
import { isToken } from './account/token.ts';

export const DEFAULT_SERVER = 'http://localhost:4000';

/** The environment variables that the CLI reads. The documentation renders this table. */
export const VARIABLES = {
  TRISIEL_SERVER: 'The server, if there is no --server.',
  TRISIEL_TOKEN: 'A token to use instead of the saved one, for CI.',
  TRISIEL_NAME: 'The handler, if a command names none.',
  NO_COLOR: 'Any value disables colours. FORCE_COLOR=1 enables them without a terminal.',
  XDG_CONFIG_HOME: 'The folder that contains trisiel/credentials.json.',
} as const;

export interface SettingsInput {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** Value of `--server`. */
  readonly server: string | undefined;
}

/** A token and its source. */
export interface HeldToken {
  readonly token: string;
  readonly from: 'environment' | 'saved';
}

export class Settings {
  readonly credentials: Credentials;
  readonly #input: SettingsInput;
  #project: Promise<Project | undefined> | undefined;

  constructor(input: SettingsInput) {
    this.#input = input;
    this.credentials = new Credentials(input.env);
  }

  /** The origin of the server. trisiel.toml cannot set it, because its author could then receive the user's token. */
  async server(): Promise<string> {
    const { env, server } = this.#input;
    if (server !== undefined) return readOrigin('--server', server);
    const named = env['TRISIEL_SERVER'] ?? '';
    if (named !== '') return readOrigin('TRISIEL_SERVER', named);
    return (await this.credentials.current()) ?? DEFAULT_SERVER;
  }

  async token(): Promise<HeldToken | undefined> {
    const given = (this.#input.env['TRISIEL_TOKEN'] ?? '').trim();
    if (given !== '') return { token: readToken('TRISIEL_TOKEN', given), from: 'environment' };
    const saved = await this.credentials.find(await this.server());
    return saved === undefined ? undefined : { token: saved.token, from: 'saved' };
  }

  /** The nearest trisiel.toml or trisiel.json, in this folder or one above it. Undefined: there is none. */
  project(): Promise<Project | undefined> {
    this.#project ??= findProject(this.#input.cwd);
    return this.#project;
  }

  /** The name of the handler; undefined if none is configured. */
  async name(given: string | undefined): Promise<string | undefined> {
    if (given !== undefined) return given;
    const named = this.#input.env['TRISIEL_NAME'] ?? '';
    return named === '' ? (await this.project())?.name : named;
  }

  /** The handler that a command is about. */
  async handler(given: string | undefined): Promise<string> {
    const name = await this.name(given);
    if (name !== undefined && !isHandlerName(name)) {
      throw new UsageError(`"${name}" is not a valid handler name: use ${NAME_FORM}.`);
    }
    if (name !== undefined) return name;
    throw new UsageError(
      'Which handler? Name it, or run the command in a folder whose trisiel.toml has its name. trisiel list shows yours.',
    );
  }
}

/** @param place the source of the value, for error messages */
export function readToken(place: string, given: string): string {
  if (isToken(given)) return given;
  throw new UsageError(
    `${place} does not contain a token: a token has three parts separated by dots. Copy it completely, or create one: trisiel tokens create`,
  );
}

export function readOrigin(place: string, given: string): string {
  const url = URL.parse(given);
  const isOrigin =
    url !== null &&
    (url.protocol === 'https:' || url.protocol === 'http:') &&
    url.pathname === '/' &&
    url.search === '' &&
    url.hash === '' &&
    url.username === '' &&
    url.password === '';
  if (isOrigin) return url.origin;
  throw new UsageError(
    `${place} must be an origin, such as https://api.trisiel.com, without a path, user name or password.`,
  );
}

/** Whether requests to the URL are encrypted or stay on this machine. */
export function isPrivateWay(origin: string): boolean {
  const { protocol, hostname } = new URL(origin);
  return (
    protocol === 'https:' ||
    hostname === 'localhost' ||
    hostname.endsWith('.localhost') ||
    hostname === '[::1]' ||
    /^127(\.\d{1,3}){3}$/.test(hostname)
  );
}

export function notSignedIn(origin: string): CommandError {
  return new CommandError(
    `You are not signed in to ${origin}. Sign in: trisiel login, or set TRISIEL_TOKEN.`,
    'not-allowed',
  );
}
