/** Reproduces the server's environment for a run: tier limits, policy and configuration. */
import type { Limits, Policy } from '../../olin/index.ts';
import { DEPLOY_TIER, TIERS, type Tier } from '../../server/tiers.ts';
import type { Context } from '../context.ts';
import { readConfiguration } from '../handler/deploy/deployment.ts';
import { splitVariable } from '../olin/guest-options.ts';
import { readInputText } from '../terminal/input.ts';
import { parsePolicySource } from './file/policy-source.ts';
import type { Project } from './file/project-keys.ts';
import type { Terminal } from '../terminal/terminal.ts';

/** The values of `--tier`: the tiers that may deploy. */
export const TIER_NAMES = TIERS.filter(({ tier }) => tier >= DEPLOY_TIER).map(toName);

function toName({ name }: Pick<Tier, 'name'>): string {
  return name.toLowerCase();
}

/** The limits that the server enforces for the tier. */
export function limitsOfTier(
  name: string,
): Pick<Limits, 'gas' | 'memoryPages' | 'wallMs' | 'setBy'> {
  const tier = TIERS.find((each) => toName(each) === name) ?? TIERS[DEPLOY_TIER];
  const { gas, memoryPages, wallMs } = tier.limits;
  return { gas, memoryPages, wallMs, setBy: `The ${name} tier` };
}

/**
 * Reads the policy of a run; undefined if there is none.
 * @param file the value of `--policy`. Default: the project's policy
 */
export async function readPolicy(
  terminal: Terminal,
  project: Project | undefined,
  file: string | undefined,
): Promise<Policy | undefined> {
  const policy = project?.policy;
  if (file === undefined && policy?.kind === 'text') {
    return parsePolicySource({ place: project?.path ?? '', text: policy.text });
  }
  const place = file ?? (policy?.kind === 'file' ? policy.path : undefined);
  if (place === undefined) return undefined;
  return parsePolicySource({ place, text: await readInputText(terminal, place) });
}

export interface EnvironmentChoices {
  /** Values of `--env`, each `KEY=VALUE`. */
  readonly pairs: readonly string[];
  /** Values of `--env-file`. */
  readonly files: readonly string[];
}

/** Merges the configuration of trisiel.toml, the files and the pairs. Later ones override earlier ones. */
export async function readEnvironment(
  context: Context,
  project: Project | undefined,
  { pairs, files }: EnvironmentChoices,
): Promise<Record<string, string>> {
  const given = new Map(pairs.map(splitVariable));
  const others = project && {
    ...project,
    config: project.config.filter(({ key }) => !given.has(key)),
  };
  return Object.fromEntries([...(await readConfiguration(context, others, files)), ...given]);
}
