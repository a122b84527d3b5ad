import { Type } from 'typebox';
import { closed, userRoute } from '../../route.ts';
import { Count } from '../../schemas.ts';
import { aboveTier, PolicyText, POLICY } from './resource.ts';

const Position = Type.Integer({ minimum: 1 });

export const route = userRoute({
  method: 'POST',
  path: '/api/policy/check',
  resource: POLICY,
  summary: 'Check a policy file without setting it',
  description:
    'The same check as for setting a policy, for editors that report errors while typing. Errors are part of the response, not a problem document.',
  user: { scope: 'handlers:read' },
  changesNothing: true,
  body: closed({ text: PolicyText }),
  success: {
    status: 200,
    description: 'Whether the policy could be set, and its errors.',
    schema: closed({
      ok: Type.Boolean(),
      problems: Type.Array(
        closed({
          line: Position,
          column: Type.Integer({ minimum: 1, description: 'In UTF-16 units, as editors count.' }),
          message: Type.String(),
        }),
      ),
      ramPageLimit: Type.Optional(Count),
      gasLimit: Type.Optional(Type.Number({ minimum: 0 })),
    }),
  },
  async handle({ user, body, services }) {
    const found = await services.policies.findPolicyProblem(user.id, body.text);
    if ('problem' in found) return { ok: false, problems: [found.problem] };
    const problems = aboveTier(found.policy, user.limits).map(({ statement, problem }) => ({
      ...placeOf(body.text, statement),
      message: problem.message,
    }));
    return { ok: problems.length === 0, problems, ...found.policy };
  },
});

/** The position of a statement; the first line if the policy does not contain it. */
function placeOf(text: string, statement: string): { line: number; column: number } {
  const lines = text.split(/\r\n|\r|\n/);
  const at = lines.findIndex((line) => line.trimStart().startsWith(statement));
  return {
    line: Math.max(at, 0) + 1,
    column: Math.max((lines[at] ?? '').indexOf(statement), 0) + 1,
  };
}
