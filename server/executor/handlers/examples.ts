/** The examples as handlers: served directly from their folders, or deployed to the database. */
import { createHash } from 'node:crypto';
import type { LoadedExample } from '../../../examples/load.ts';
import { ORIGIN } from '../../../examples/types.ts';
import { compile, parsePolicy } from '../../../olin/index.ts';
import { TIERS } from '../../tiers.ts';
import { absentHandler } from './absent.ts';
import type { FindHandler, LoadedHandler } from './handler.ts';

/** The owner of the examples. Nobody signs in as this user. */
export const EXAMPLES_ISSUER = 'trisiel';
export const EXAMPLES_SUBJECT = 'examples';
export const EXAMPLES_TIER = 2;

/** The limits that the examples run with. */
const { limits } = TIERS[EXAMPLES_TIER];
const LIMITS: LoadedHandler['limits'] = { ...limits, wallMs: 10_000 };

/** The same on every machine, so that runs can be recorded before the database is open. */
export const exampleIds = {
  owner: idOf('owner'),
  handler: (name: string): string => idOf(`handler ${name}`),
  version: (name: string, digest: string): string => idOf(`version ${name} ${digest}`),
};

/** Returns the environment of an example. @param origin replaces `{origin}` in it: the web origin */
export function exampleEnv({ example }: LoadedExample, origin: string): Record<string, string> {
  return Object.fromEntries(
    Object.entries(example.input.env ?? {}).map(([key, value]) => [
      key,
      value.replaceAll(ORIGIN, origin),
    ]),
  );
}

/** Every example, compiled when it is first called. @param origin as in {@link exampleEnv} */
export function exampleHandlers(examples: readonly LoadedExample[], origin: string): FindHandler {
  const byName = new Map(examples.map((each) => [each.name, each]));
  const known = new Map<string, LoadedHandler>();
  const load = async (example: LoadedExample): Promise<LoadedHandler> => {
    const handler = await toHandler(example, origin);
    known.set(example.name, handler);
    return handler;
  };
  return (name) => {
    const found = known.get(name);
    if (found !== undefined) return found;
    const example = byName.get(name);
    if (example !== undefined) return load(example);
    throw absentHandler();
  };
}

async function toHandler(loaded: LoadedExample, origin: string): Promise<LoadedHandler> {
  const { name, example, module: bytes } = loaded;
  const module = await compile(bytes);
  const { policy } = example.input;
  return {
    id: exampleIds.handler(name),
    ownerId: exampleIds.owner,
    versionId: exampleIds.version(name, module.digest),
    name,
    mode: 'sync',
    isPrivate: false,
    keepsTrace: false,
    limits: LIMITS,
    module,
    policy: policy === undefined ? undefined : parsePolicy(policy),
    env: exampleEnv(loaded, origin),
  };
}

/** Returns a version 8 UUID derived from a name. */
function idOf(name: string): string {
  const bytes = createHash('sha256').update(`trisiel example ${name}`).digest().subarray(0, 16);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x80;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
