/** Checks a policy against the user's tier. */
import type { Caller } from '../auth/caller.ts';
import { aboveTier } from '../routes/policy/resource.ts';
import type { Services } from '../services.ts';

/** Throws a `policy-refused` problem if the text is not a valid policy, or exceeds the limits of the user's tier. */
export async function checkPolicyText(
  { policies }: Services,
  user: Caller,
  text: string,
): Promise<void> {
  const policy = await policies.checkPolicy(user.id, text);
  const [above] = aboveTier(policy, user.limits);
  if (above !== undefined) throw above.problem;
}
