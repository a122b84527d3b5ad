/** Describes a quarantine: to the owner of the version with the reason and the ways out, to others without. */
import type { QuarantineReason, Standing } from '../db/handlers/standing.ts';
import { ProblemError } from './problems.ts';

type Quarantine = Extract<Standing, { state: 'quarantined' }>;

const REASONS: Readonly<Record<QuarantineReason, string>> = {
  crashed: 'ended the process that it ran in',
  hung: 'blocked the process that it ran in',
  memory: 'made the process that it ran in grow past its memory',
};

/** One sentence on what happened, and one on what to do. */
export function describeQuarantine(
  version: number,
  { reason, quarantinedAt, retryAt }: Quarantine,
): string {
  return (
    `Version ${version} is in quarantine since ${quarantinedAt.toISOString()}: a run ${REASONS[reason]}. ` +
    `Upload a fixed version, ask an administrator to lift the quarantine, or wait until ${retryAt.toISOString()}, when it gets one new trial.`
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
      : 'The handler does not run for now: its version endangered the process that it ran in. Its owner can read why.',
    { headers: { 'retry-after': String(seconds) } },
  );
}
