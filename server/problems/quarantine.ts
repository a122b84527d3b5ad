/** Describes a quarantine: to the owner of the version with the reason and the ways to end it, to others without. */
import type { QuarantineReason, Standing } from '../db/handlers/standing.ts';
import { ProblemError } from './problems.ts';

type Quarantine = Extract<Standing, { state: 'quarantined' }>;

const REASONS: Readonly<Record<QuarantineReason, string>> = {
  crashed: 'crashed its process',
  hung: 'blocked its process',
  memory: 'exceeded the memory of its process',
};

/** One sentence on what happened, and one on what to do. */
export function describeQuarantine(
  version: number,
  { reason, quarantinedAt, retryAt }: Quarantine,
): string {
  return (
    `Version ${version} has been in quarantine since ${quarantinedAt.toISOString()}: a run ${REASONS[reason]}. ` +
    `Upload a fixed version, ask an administrator to lift the quarantine, or wait until ${retryAt.toISOString()}, when it gets one more trial.`
  );
}

/**
 * Throws a `handler-quarantined` problem if the version is in quarantine.
 * @param isOwner whether the caller may read the reason; evaluated only if needed
 */
export async function requireNoQuarantine(
  version: number,
  standing: Standing,
  isOwner: () => Promise<boolean>,
): Promise<void> {
  if (standing.state !== 'quarantined') return;
  const seconds = Math.max(1, Math.ceil((standing.retryAt.getTime() - Date.now()) / 1000));
  throw new ProblemError(
    'handler-quarantined',
    (await isOwner())
      ? describeQuarantine(version, standing)
      : 'The handler is not running at the moment, because its version harmed the process that it ran in. Its owner can see the reason.',
    { headers: { 'retry-after': String(seconds) } },
  );
}
