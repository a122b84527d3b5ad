import { Type } from 'typebox';
import { ProblemError } from '../../../problems/problems.ts';
import { closed, type RouteGroup } from '../../route.ts';
import { nullable } from '../../schemas.ts';
import type { TierLimits } from '../../../tiers.ts';
import type { CheckedPolicy } from '../../module-check/messages.ts';

export const POLICY: RouteGroup = {
  tag: 'Policy',
  description: 'The URLs that a handler may open, and limits on memory and gas, as a policy file.',
};

export const PolicyView = closed({
  policy: nullable(Type.String({ description: 'The policy file.' })),
});

export const PolicyText = Type.String({
  maxLength: 65_536,
  pattern: '^[^\\u0000]*$',
  description: 'A policy file.',
});

/** The statements that exceed the limits of the tier, each with its problem. */
export function aboveTier(
  policy: CheckedPolicy,
  limits: TierLimits,
): { readonly statement: string; readonly problem: ProblemError }[] {
  const found: readonly [statement: string, value: number, limit: number][] = [
    ['ram-page-limit', policy.ramPageLimit, limits.memoryPages],
    ['gas-limit', policy.gasLimit, limits.gas],
  ];
  return found
    .filter(([, value, limit]) => value > limit)
    .map(([statement, value, limit]) => ({
      statement,
      problem: new ProblemError(
        'policy-refused',
        `The policy sets ${statement} ${value}; your tier allows at most ${limit}.`,
      ),
    }));
}
