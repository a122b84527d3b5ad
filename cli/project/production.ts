/** What the server would give a run: the limits of a tier, the policy, the configuration as environment. */
import { readFile } from 'node:fs/promises';
import { parseEnv } from 'node:util';
import { InputError, parsePolicy, type Limits, type Policy } from '../../olin/index.ts';
import { TIERS } from '../../server/tiers.ts';
import { UsageError } from '../errors.ts';
import type { Project } from '../project-file.ts';

/** Those of the tiers that may deploy, as `--tier` names them; the first is the default. */
export const TIER_NAMES = ['free', 'plus'] as const;
export type TierName = (typeof TIER_NAMES)[number];

/** The same table as the server's. */
export function limitsOfTier(name: TierName): Pick<Limits, 'gas' | 'memoryPages' | 'wallMs'> {
  const tier = TIERS.find((each) => each.name.toLowerCase() === name) ?? TIERS[1];
  const { gas, memoryPages, wallMs } = tier.limits;
  return { gas, memoryPages, wallMs };
}

/** @param path of `--policy`; without it, the project's */
export async function readPolicy(
  project: Project | undefined,
  path: string | undefined,
): Promise<Policy | undefined> {
  if (path !== undefined) return parseFile(path);
  const policy = project?.policy;
  if (policy === undefined) return undefined;
  return policy.kind === 'file'
    ? parseFile(policy.path)
    : parse(policy.text, `policy of ${project?.path ?? ''}`);
}

async function parseFile(path: string): Promise<Policy> {
  return parse(await readText(path, 'The policy'), path);
}

function parse(text: string, place: string): Policy {
  try {
    return parsePolicy(text);
  } catch (error) {
    if (error instanceof InputError) throw new UsageError(`${place}: ${error.message}`);
    throw error;
  }
}

export interface EnvironmentOptions {
  /** Of `--env`, each `KEY=VALUE`. */
  readonly pairs: readonly string[];
  /** Of `--env-file`. */
  readonly file: string | undefined;
  /** Of the command itself, for values that trisiel.toml takes from it. */
  readonly own: Readonly<Record<string, string | undefined>>;
}

/** The configuration of trisiel.toml, then the file, then the pairs: what comes later wins. */
export async function readEnvironment(
  project: Project | undefined,
  { pairs, file, own }: EnvironmentOptions,
): Promise<Record<string, string>> {
  const given = new Map<string, string>();
  if (file !== undefined) {
    const parsed = parseEnv(await readText(file, 'The file of --env-file'));
    for (const [key, value = ''] of Object.entries(parsed)) given.set(key, value);
  }
  for (const pair of pairs) {
    const at = pair.indexOf('=');
    if (at < 1) throw new UsageError(`--env is "${pair}"; write it as KEY=VALUE.`);
    given.set(pair.slice(0, at), pair.slice(at + 1));
  }
  const config = new Map<string, string>();
  for (const each of project?.config ?? []) {
    if (given.has(each.key)) continue;
    const value = 'value' in each ? each.value : own[each.variable];
    if (value === undefined && 'variable' in each) {
      throw new UsageError(
        `config.${each.key} of trisiel.toml is the variable ${each.variable}, which is not set. Set it, or give --env ${each.key}=VALUE.`,
      );
    }
    config.set(each.key, value ?? '');
  }
  return Object.fromEntries([...config, ...given]);
}

export async function readText(path: string, what: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch {
    throw new UsageError(`${what} cannot be read: ${path}. Check the path.`);
  }
}
