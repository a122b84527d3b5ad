/** Reads and checks a policy from a file, standard input or trisiel.toml. */
import type { Policy } from '../../../olin/index.ts';
import type { Context } from '../../context.ts';
import { CommandError, UsageError } from '../../errors.ts';
import { readInputText } from '../../terminal/input.ts';

export interface PolicySource {
  /** Name of the source, for error messages. */
  readonly place: string;
  readonly text: string;
}

/** @param file `-` is standard input. Default: the policy in trisiel.toml */
export async function readPolicySource(
  { settings, terminal }: Pick<Context, 'settings' | 'terminal'>,
  file: string | undefined,
): Promise<PolicySource> {
  if (file !== undefined) {
    const place = file === '-' ? 'standard input' : file;
    return { place, text: await readInputText(terminal, file) };
  }
  const project = await settings.project();
  const policy = project?.policy;
  if (project === undefined || policy === undefined) {
    throw new UsageError('No policy is given. Name a file, or set policy in trisiel.toml.');
  }
  if (policy.kind === 'text') return { place: project.path, text: policy.text };
  return { place: policy.path, text: await readInputText(terminal, policy.path) };
}

/** Throws a CommandError with the name of the source and the parser's message. */
export async function parsePolicySource({ place, text }: PolicySource): Promise<Policy> {
  const { InputError, parsePolicy } = await import('../../../olin/index.ts');
  try {
    return parsePolicy(text);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    throw new CommandError(`${place}: ${error.message}`, 'refused');
  }
}
