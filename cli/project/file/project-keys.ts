/** The keys of trisiel.toml and trisiel.json, and the type of their values. */

/** The file’s keys. The documentation renders this table. */
export const PROJECT_KEYS = {
  name: { type: 'string', what: 'The name of the handler, a DNS label.' },
  description: { type: 'string', what: 'A description of the handler, in a sentence.' },
  build: {
    type: 'string',
    what: 'The shell command that builds the module, run in the folder of this file.',
  },
  module: {
    type: 'string',
    what: 'The path of the built module, relative to this file and in its folder.',
  },
  entry: {
    type: 'string',
    what: 'The exported function where the module starts. Default: `_start`.',
  },
  files: {
    type: 'list of strings',
    what: 'Patterns of files that come with the module, such as `templates/**`, relative to this file and in its folder.',
  },
  args: { type: 'list of strings', what: 'Arguments of the program, after its name.' },
  static: {
    type: 'string',
    what: 'A folder beside this file: GET and HEAD requests for its files are answered without a run.',
  },
  mode: { type: 'sync | async', what: 'Whether callers wait for the response.' },
  private: { type: 'boolean', what: 'Whether callers must send one of your tokens.' },
  trace: {
    type: 'boolean',
    what: 'Whether the first system calls of each run are recorded.',
  },
  policy: {
    type: 'string | { text = string }',
    what: 'The path of a policy file, in the folder of this file, or the policy itself as text.',
  },
  config: {
    type: 'table',
    what: 'Configuration to set at deploy: KEY = "value", or KEY = { env = "VARIABLE" } to take it from the environment.',
  },
} as const;

export type ProjectKey = keyof typeof PROJECT_KEYS;

export interface Project {
  /** Path of the file. */
  readonly path: string;
  readonly folder: string;
  readonly name: string | undefined;
  readonly description: string | undefined;
  readonly build: string | undefined;
  /** An absolute path. */
  readonly module: string | undefined;
  readonly entry: string | undefined;
  readonly files: readonly string[] | undefined;
  readonly args: readonly string[] | undefined;
  /** Relative to `folder`. */
  readonly static: string | undefined;
  readonly mode: 'sync' | 'async' | undefined;
  readonly private: boolean | undefined;
  readonly trace: boolean | undefined;
  readonly policy: ProjectPolicy | undefined;
  readonly config: readonly ProjectValue[];
}

export type ProjectPolicy =
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'text'; readonly text: string };

/** One configuration key with its value, or with the environment variable that contains the value. */
export type ProjectValue =
  | { readonly key: string; readonly value: string }
  | { readonly key: string; readonly variable: string };
