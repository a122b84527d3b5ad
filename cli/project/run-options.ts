/** Options shared by `run` and `dev`. */
import type { OptionSpecs } from '../parser/command.ts';
import type { Limits, Policy } from '../../olin/index.ts';
import type { Context } from '../context.ts';
import type { OpenedProject } from './file/open-project.ts';
import { limitsOfTier, readEnvironment, readPolicy, TIER_NAMES } from './production.ts';

export const RUN_OPTIONS = {
  policy: {
    kind: 'text',
    value: 'FILE',
    description: 'The policy of the runs. Default: that of trisiel.toml.',
  },
  env: {
    kind: 'list',
    short: 'e',
    value: 'KEY=VALUE',
    description: 'Sets a variable of the environment, as configuration does on the server.',
  },
  'env-file': {
    kind: 'list',
    value: 'FILE',
    description: 'Sets the variables of a .env file. Can be given again.',
  },
  tier: {
    kind: 'text',
    value: 'TIER',
    choices: TIER_NAMES,
    default: 'free',
    description: 'Whose limits apply. The lower of the tier’s and the policy’s counts.',
  },
} as const satisfies OptionSpecs;

export interface RunChoices {
  readonly policy: string | undefined;
  readonly env: readonly string[];
  readonly 'env-file': readonly string[];
  readonly tier: string;
}

/** What a run is given, as the server would give it. */
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
