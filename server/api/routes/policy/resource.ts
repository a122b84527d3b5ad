import { Type } from 'typebox';
import { ProblemError } from '../../../problems/problems.ts';
import { closed, type Resource } from '../../route.ts';
import { nullable } from '../../schemas.ts';
import type { TierLimits } from '../../../tiers.ts';
import type { CheckedPolicy } from '../../module-check/messages.ts';

export const POLICY: Resource = {
  tag: 'Policy',
  description:
    'What URLs a handler may open, and how much memory and gas a run may use, as a policy file.',
};

export const PolicyView = closed({
  policy: nullable(Type.String({ description: 'The policy file.' })),
});

export const PolicyText = Type.String({
  maxLength: 65_536,
  pattern: '^[^\\u0000]*$',
  description: 'A policy file.',
});

/** The statements that go past what the tier allows, each with the problem that refuses it. */
export function aboveTier(
  policy: CheckedPolicy,
  limits: TierLimits,
): { readonly statement: string; readonly problem: ProblemError }[] {
  const found: readonly [statement: string, value: number, most: number][] = [
    ['ram-page-limit', policy.ramPageLimit, limits.memoryPages],
    ['gas-limit', policy.gasLimit, limits.gas],
  ];
  return found
    .filter(([, value, most]) => value > most)
    .map(([statement, value, most]) => ({
      statement,
      problem: new ProblemError(
        'policy-refused',
        `The policy sets ${statement} ${value}; your tier allows ${most} at most.`,
      ),
    }));
}
