/** Options shared by `run` and `dev`. */
import { GUEST_OPTIONS } from '../olin/guest-options.ts';
import type { OptionSpecs } from '../parser/command.ts';
import type { Limits, Policy } from '../../olin/index.ts';
import type { Context } from '../context.ts';
import type { OpenedProject } from './file/open-project.ts';
import { limitsOfTier, readEnvironment, readPolicy, TIER_NAMES } from './production.ts';

export const RUN_OPTIONS = {
  policy: {
    ...GUEST_OPTIONS.policy,
    description: `${GUEST_OPTIONS.policy.description} Default: the policy in trisiel.toml.`,
  },
  env: GUEST_OPTIONS.env,
  'env-file': {
    kind: 'list',
    value: 'FILE',
    description: 'Sets the variables of a .env file. Can be repeated.',
  },
  tier: {
    kind: 'text',
    value: 'TIER',
    choices: TIER_NAMES,
    default: 'free',
    description: 'Applies the limits of a tier. A lower limit in the policy takes precedence.',
  },
} as const satisfies OptionSpecs;

export interface RunChoices {
  readonly policy: string | undefined;
  readonly env: readonly string[];
  readonly 'env-file': readonly string[];
  readonly tier: string;
}

/** The environment, policy and limits of a run, as the server would set them. */
export interface RunSettings {
  readonly env: Readonly<Record<string, string>>;
  readonly policy: Policy | undefined;
  readonly limits: Partial<Limits>;
}

export async function chooseSettings(
  choices: RunChoices,
  { project }: Pick<OpenedProject, 'project'>,
  context: Context,
): Promise<RunSettings> {
  const [policy, env] = await Promise.all([
    readPolicy(context.terminal, project, choices.policy),
    readEnvironment(context, project, { pairs: choices.env, files: choices['env-file'] }),
  ]);
  return { env, policy, limits: limitsOfTier(choices.tier) };
}
