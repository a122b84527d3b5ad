/** Reproduces the server's environment for a run: tier limits, policy and configuration. */
import type { Limits, Policy } from '../../olin/index.ts';
import { DEPLOY_TIER, TIERS, type Tier } from '../../server/tiers.ts';
import type { Context } from '../context.ts';
import { readConfiguration } from '../handler/deploy/deployment.ts';
import { UsageError } from '../errors.ts';
import { readInputText } from '../terminal/input.ts';
import { parsePolicySource } from './file/policy-source.ts';
import type { Project } from './file/project-file.ts';
import type { Terminal } from '../terminal/terminal.ts';

/** The tiers that may deploy, as `--tier` names them. */
export const TIER_NAMES = TIERS.filter(({ tier }) => tier >= DEPLOY_TIER).map(toName);

function toName({ name }: Pick<Tier, 'name'>): string {
  return name.toLowerCase();
}

/** From the table that the server enforces. */
export function limitsOfTier(
  name: string,
): Pick<Limits, 'gas' | 'memoryPages' | 'wallMs' | 'setBy'> {
  const tier = TIERS.find((each) => toName(each) === name) ?? TIERS[DEPLOY_TIER];
  const { gas, memoryPages, wallMs } = tier.limits;
  return { gas, memoryPages, wallMs, setBy: `The ${name} tier` };
}

/** @param file of `--policy`; without it, the project's */
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
  /** Of `--env`, each `KEY=VALUE`. */
  readonly pairs: readonly string[];
  /** Of `--env-file`. */
  readonly files: readonly string[];
}

/** The configuration of trisiel.toml, then the files', then the pairs: what comes later wins. */
export async function readEnvironment(
  context: Context,
  project: Project | undefined,
  { pairs, files }: EnvironmentChoices,
): Promise<Record<string, string>> {
  const given = new Map(pairs.map(splitPair));
  const others = project && {
    ...project,
    config: project.config.filter(({ key }) => !given.has(key)),
  };
  return Object.fromEntries([...(await readConfiguration(context, others, files)), ...given]);
}

function splitPair(pair: string): [string, string] {
  const at = pair.indexOf('=');
  if (at < 1) throw new UsageError(`--env is "${pair}"; write it as KEY=VALUE.`);
  return [pair.slice(0, at), pair.slice(at + 1)];
}
