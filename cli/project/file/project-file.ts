/** Parses trisiel.toml or trisiel.json: name, build, settings, policy and configuration of a handler. */
import { dirname, isAbsolute, resolve } from 'node:path';
import { isInside } from '../../../sdk/inside.ts';
import { UsageError } from '../../errors.ts';
import { isHandlerName, NAME_FORM } from '../../handler/handler-name.ts';
import {
  PROJECT_KEYS,
  type Project,
  type ProjectKey,
  type ProjectPolicy,
  type ProjectValue,
} from './project-keys.ts';
import { positionAt, positionOfKey, type SourcePosition } from './source-positions.ts';

const CONFIG_KEY = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** Throws a UsageError that names file, line and column. */
export async function parseProject(path: string, source: string): Promise<Project> {
  const value = path.endsWith('.json') ? parseJson(path, source) : await parseToml(path, source);
  return new ProjectReader(path, source).read(value);
}

class ProjectReader {
  readonly #path: string;
  readonly #source: string;
  readonly #folder: string;

  constructor(path: string, source: string) {
    this.#path = path;
    this.#source = source;
    this.#folder = dirname(path);
  }

  async read(value: object): Promise<Project> {
    const all = new Map<string, unknown>(Object.entries(value));
    for (const key of all.keys()) if (!isKey(key)) await this.#refuseKey(key);
    const name = this.#string(all, 'name');
    if (name !== undefined && !isHandlerName(name)) {
      this.#refuse(['name'], `"${name}" is not a valid name: use ${NAME_FORM}`);
    }
    const module = this.#string(all, 'module');
    return {
      path: this.#path,
      folder: this.#folder,
      config: this.#config(all.get('config')),
      name,
      description: this.#string(all, 'description'),
      build: this.#string(all, 'build'),
      module: module === undefined ? undefined : this.#pathOf('module', module),
      entry: this.#string(all, 'entry'),
      files: this.#patterns(all),
      args: this.#strings(all, 'args'),
      static: this.#static(all),
      mode: this.#mode(all.get('mode')),
      private: this.#boolean(all, 'private'),
      trace: this.#boolean(all, 'trace'),
      policy: this.#policy(all.get('policy')),
    };
  }

  #string(all: ReadonlyMap<string, unknown>, key: ProjectKey): string | undefined {
    const value = all.get(key);
    if (value === undefined || (typeof value === 'string' && value.trim() !== '')) return value;
    return this.#refuse([key], `${key} is ${describeType(value)}; it must be a non-empty string`);
  }

  #strings(all: ReadonlyMap<string, unknown>, key: ProjectKey): readonly string[] | undefined {
    const value = all.get(key);
    if (value === undefined) return undefined;
    if (Array.isArray(value) && value.every((each) => typeof each === 'string')) return value;
    return this.#refuse([key], `${key} is ${describeType(value)}; it must be a list of strings`);
  }

  #static(all: ReadonlyMap<string, unknown>): string | undefined {
    const folder = this.#string(all, 'static')?.replace(/\/+$/, '');
    if (folder === undefined || /^\w[\w.-]*(?:\/\w[\w.-]*)*$/.test(folder)) return folder;
    return this.#refuse(
      ['static'],
      'static must be a folder beside this file, with a name of letters, digits, dots, dashes and underscores',
    );
  }

  /** Patterns must stay in the folder, as paths must. */
  #patterns(all: ReadonlyMap<string, unknown>): readonly string[] | undefined {
    const patterns = this.#strings(all, 'files');
    for (const pattern of patterns ?? []) {
      if (pattern === '' || isAbsolute(pattern) || pattern.split(/[\\/]/).includes('..')) {
        this.#refuse(['files'], `"${pattern}" is outside of the folder of this file`);
      }
    }
    return patterns;
  }

  /**
   * Paths must stay in the folder, so that building or deploying a stranger's project does not write or send other
   * files.
   */
  #pathOf(key: 'module' | 'policy', value: string): string {
    const path = resolve(this.#folder, value);
    if (path !== resolve(this.#folder) && isInside(this.#folder, path)) return path;
    return this.#refuse([key], `${key} is outside of the folder of this file; name a file in it`);
  }

  #boolean(all: ReadonlyMap<string, unknown>, key: ProjectKey): boolean | undefined {
    const value = all.get(key);
    if (value === undefined || typeof value === 'boolean') return value;
    return this.#refuse([key], `${key} is ${describeType(value)}; it must be true or false`);
  }

  #mode(value: unknown): 'sync' | 'async' | undefined {
    if (value === undefined || value === 'sync' || value === 'async') return value;
    return this.#refuse(['mode'], `mode is ${describeType(value)}; it must be "sync" or "async"`);
  }

  #policy(value: unknown): ProjectPolicy | undefined {
    if (value === undefined) return undefined;
    if (typeof value === 'string' && value.trim() !== '') {
      return { kind: 'file', path: this.#pathOf('policy', value) };
    }
    const text = onlyField(value, 'text');
    if (typeof text === 'string') return { kind: 'text', text };
    return this.#refuse(
      ['policy'],
      `policy is ${describeType(value)}; it must be the path of a file, or { text = "…" }`,
    );
  }

  #config(value: unknown): ProjectValue[] {
    if (value === undefined) return [];
    if (!isTable(value)) {
      this.#refuse(['config'], `config is ${describeType(value)}; it must be a table of keys`);
    }
    return Object.entries(value).map(([key, each]) => {
      if (!CONFIG_KEY.test(key)) {
        this.#refuse(
          ['config', key],
          `"${key}" is not a valid key: use letters, digits and underscores`,
        );
      }
      // The error does not quote the value, which may be a secret.
      if (typeof each === 'string') return { key, value: each };
      const variable = onlyField(each, 'env');
      if (typeof variable === 'string' && variable !== '') return { key, variable };
      return this.#refuse(
        ['config', key],
        `config.${key} must be a string, or { env = "VARIABLE" } to take it from the environment`,
      );
    });
  }

  async #refuseKey(key: string): Promise<never> {
    const { nearest } = await import('../../../olin/index.ts');
    const near = nearest(key, Object.keys(PROJECT_KEYS));
    const hint =
      near === undefined
        ? `The keys are ${Object.keys(PROJECT_KEYS).join(', ')}`
        : `Did you mean ${near}?`;
    return this.#refuse([key], `there is no key ${key}. ${hint}`);
  }

  #refuse(key: readonly string[], why: string): never {
    throw refusal(this.#path, positionOfKey(this.#source, key), why);
  }
}

function refusal(path: string, { line, column }: SourcePosition, why: string): UsageError {
  return new UsageError(`${path}:${line}:${column}: ${why}${/[.?]$/.test(why) ? '' : '.'}`);
}

async function parseToml(path: string, source: string): Promise<object> {
  const { parse, TomlError } = await import('smol-toml');
  try {
    return parse(source);
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    // The rest of the message quotes the line, which may contain a secret.
    const [why = ''] = error.message.split('\n');
    throw refusal(path, error, why.replace(/^Invalid TOML document: /, ''));
  }
}

function parseJson(path: string, source: string): object {
  let value: unknown;
  try {
    value = JSON.parse(source);
  } catch (error) {
    const at = /at position (\d+)/.exec(error instanceof Error ? error.message : '')?.[1];
    throw refusal(path, positionAt(source, Number(at ?? source.length)), 'this is not JSON');
  }
  if (isTable(value)) return value;
  throw refusal(
    path,
    { line: 1, column: 1 },
    `this is ${describeType(value)}; it must be an object`,
  );
}

function isKey(key: string): key is ProjectKey {
  return Object.hasOwn(PROJECT_KEYS, key);
}

function isTable(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The value of the field if the value is a table with only this field. */
function onlyField(value: unknown, field: string): unknown {
  return isTable(value) && Object.keys(value).length === 1 ? value[field] : undefined;
}

function describeType(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a table';
  return typeof value === 'string' ? 'a string in the wrong format' : `a ${typeof value}`;
}
