/** The shape of `example.json` and `cases.json`. `load.ts` reads them, `cases.ts` runs them. */

import { hasExamples, LANGUAGES, type ExampleLanguage } from '../sdk/languages.ts';

export const EXAMPLE_LANGUAGES: readonly ExampleLanguage[] = LANGUAGES.map(({ id }) => id).filter(
  hasExamples,
);

/** The groups of the sidebar, in its order. */
export const GROUPS = [
  'First steps',
  'HTTP',
  'System calls',
  'Policy at work',
  'Showpieces',
] as const;
export type Group = (typeof GROUPS)[number];

/** An HTTP request for a CGI example. The body is text. */
export interface ExampleRequest {
  readonly method: string;
  /** Path below the handler, with the query: `/hello?name=Ada`. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/**
 * In every text of an input, `{origin}` is replaced by the origin of the site that shows the example, such as
 * `http://localhost:4000`, so that examples can fetch files of the documentation.
 */
export const ORIGIN = '{origin}';

/** The input of an example: the playground's initial values, or what a case runs with. */
export interface ExampleInput {
  /** Present: the module is run as a CGI handler. Absent: it is run as a program. */
  readonly request?: ExampleRequest;
  /** Arguments after the program's name. */
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Standard input of a program (a CGI example's is the request's body). */
  readonly stdin?: string;
  /** The text of a policy file. */
  readonly policy?: string;
}

export interface Example {
  /** Title of the page: two or three words. */
  readonly title: string;
  /** One sentence: what a reader learns. */
  readonly summary: string;
  readonly language: ExampleLanguage;
  /** Position in the sidebar; the docs group by `group`, then sort by `order`. */
  readonly group: Group;
  readonly order: number;
  /** Names of ABI functions the reader should look at, such as `resource_write`. */
  readonly teaches: readonly string[];
  /** What the playground starts with. */
  readonly input: ExampleInput;
}

/** One input and the expected result. Absent expectations are not checked; every case checks `exit` or `trap`. */
export interface Case {
  readonly name: string;
  readonly input: ExampleInput;
  readonly expect: {
    /** Exit status of a guest that returned or exited. */
    readonly exit?: number;
    /** The trap's code (`olin/types.ts`) and text its message contains. */
    readonly trap?: { readonly code: string; readonly message?: string };
    /** HTTP status, and headers by lower-case name; several of one name are joined by `, `. */
    readonly status?: number;
    readonly headers?: Readonly<Record<string, string>>;
    /** Standard output of a program, or the response body: whole, or matched by a regular expression. */
    readonly output?: string;
    readonly outputMatches?: string;
    /** SHA-256 in hexadecimal of the output, for pictures. */
    readonly outputDigest?: string;
    readonly errorOutput?: string;
    /** Log lines: level and text. */
    readonly log?: readonly (readonly [number, string])[];
    /** URLs opened, in order. */
    readonly urls?: readonly string[];
    /** Exact gas; pinned by `npm run examples -- --pin`. Absent if it depends on random numbers or time. */
    readonly gas?: number;
  };
}
