/** Reads the examples' folders. Throws an Error if a file does not have the shape in `types.ts`. */
import { readdir, readFile } from 'node:fs/promises';
import { checkCases, checkExample } from './shape.ts';
import { getLanguage } from '../sdk/languages.ts';
import { GROUPS, type Case, type Example } from './types.ts';

export interface LoadedExample {
  /** The folder's name, which is the example's name everywhere. */
  readonly name: string;
  readonly example: Example;
  readonly cases: readonly Case[];
  /** The source's file name, such as `main.as`. */
  readonly sourceFile: string;
  readonly source: string;
  /** The built module. */
  readonly module: Uint8Array<ArrayBuffer>;
}

const ROOT = new URL('./', import.meta.url);

/** The names of all examples: the folders that hold an `example.json`, in alphabetical order. */
export async function listExamples(): Promise<string[]> {
  const entries = await readdir(ROOT, { withFileTypes: true });
  return entries
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();
}

/** All examples, by group and order. Throws an Error that names the file and what is wrong in it. */
export async function loadExamples(): Promise<LoadedExample[]> {
  const all = await Promise.all((await listExamples()).map(loadExample));
  const place = ({ example }: LoadedExample): number =>
    GROUPS.indexOf(example.group) * 1000 + example.order;
  return all.sort((left, right) => place(left) - place(right));
}

/** Reads an `example.json`. Throws an Error that names what is wrong in it. */
export async function readExample(name: string): Promise<Example> {
  const file = `examples/${name}/example.json`;
  return checkExample(await readJson(name, 'example.json'), file);
}

/** One example by its folder's name. Throws an Error that names the file and what is wrong in it. */
export async function loadExample(name: string): Promise<LoadedExample> {
  const example = await readExample(name);
  const cases = checkCases(await readJson(name, 'cases.json'), `examples/${name}/cases.json`);
  const { sourceFile } = getLanguage(example.language);
  return {
    name,
    example,
    cases,
    sourceFile,
    source: new TextDecoder().decode(await readBytes(name, sourceFile)),
    module: await readBytes(name, 'module.wasm'),
  };
}

async function readBytes(name: string, file: string): Promise<Uint8Array<ArrayBuffer>> {
  try {
    return new Uint8Array(await readFile(new URL(`${name}/${file}`, ROOT)));
  } catch {
    const build = file === 'module.wasm' ? `; build it with \`npm run examples -- ${name}\`` : '';
    throw new Error(`examples/${name}/${file} is missing${build}.`);
  }
}

async function readJson(name: string, file: string): Promise<unknown> {
  const text = new TextDecoder().decode(await readBytes(name, file));
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(`examples/${name}/${file} is not JSON: ${String(error)}`, { cause: error });
  }
}
