/** Refuses a module that is too large before it is sent. */
import { take, type Api } from '../../../client/api.ts';
import { ApiError } from '../../../client/errors.ts';
import { DEPLOY_TIER, LARGEST_MODULE_BYTES, TIERS } from '../../../server/tiers.ts';
import { CommandError } from '../../errors.ts';
import { formatBytes, formatCount } from '../../../olin/quantities.ts';

/** Every tier that may deploy accepts this size, so the limit need not be requested. */
const ALWAYS_ACCEPTED = TIERS[DEPLOY_TIER].limits.moduleBytes;

export async function checkModuleSize(api: Api, { length }: Uint8Array): Promise<void> {
  if (length <= ALWAYS_ACCEPTED) return;
  const limit = await findLimit(api);
  if (length <= limit) return;
  throw new CommandError(
    `Without debug sections, the module has ${formatBytes(length)} (${formatCount(length)} bytes); your tier allows ${formatBytes(limit)} (${formatCount(limit)} bytes). Nothing was uploaded. Build with -O2.`,
    'refused',
  );
}

/** The limit of the caller's tier, or of the highest tier if the token may not read it. */
async function findLimit(api: Api): Promise<number> {
  try {
    const { limits } = await take(api.GET('/api/limits'));
    return limits.find(({ name }) => name === 'moduleBytes')?.limit ?? LARGEST_MODULE_BYTES;
  } catch (error) {
    if (error instanceof ApiError && error.problem.status === 403) return LARGEST_MODULE_BYTES;
    throw error;
  }
}
