/** Formats the output of `trisiel deploy`. */
import type { DeploymentResult } from '../../../client/views.ts';
import { formatBytes } from '../../../olin/quantities.ts';
import { styled, text, type Text } from '../../terminal/text.ts';
import type { FirstAnswer, Superseded } from './answering.ts';

/** Describes what was deployed and what else changed. */
export function describeDeployed(
  { handler, version, uploaded, changed, created }: DeploymentResult,
  keys: readonly string[],
): Text[] {
  const { name } = handler;
  const others = changed.filter((each) => each !== 'version' && each !== 'configuration');
  const isSame = !uploaded && !changed.includes('version');
  return [
    isSame
      ? text`Version ${version.number} of ${name} already has this module.`
      : text`${styled('green', 'Deployed')} ${name}, version ${version.number} (${formatBytes(version.bytes)}).`,
    ...(others.length === 0 || created ? [] : [text`Changed: ${others.join(', ')}.`]),
    ...(changed.includes('configuration') ? [text`Configuration set: ${keys.join(', ')}.`] : []),
    ...(isSame && changed.length === 0 ? [text`Nothing changed.`] : []),
  ];
}

export function describeSuperseded(
  { handler, version }: DeploymentResult,
  { supersededBy }: Superseded,
): Text {
  const by =
    supersededBy === null ? 'no version is active now' : `version ${supersededBy} is active now`;
  return text`${styled('yellow', 'Superseded')}: another deployment replaced version ${version.number} of ${handler.name}; ${by}.`;
}

/** Returns a sentence if the first call failed. If its execution cannot be read, the response's status decides. */
export function describeFailure({
  httpStatus,
  executionId,
  status,
}: FirstAnswer): Text | undefined {
  const see = executionId === null ? '' : ` See: trisiel execution ${executionId}`;
  if (status !== null) {
    return status === 'succeeded'
      ? undefined
      : text`the execution of that call has the status ${status}.${see}`;
  }
  if (httpStatus < 500) return undefined;
  return executionId === null
    ? text`the server responded to that call with HTTP ${httpStatus} and did not run the handler.`
    : text`that call failed with HTTP ${httpStatus}. The reason is in its execution, which could not be read: a token needs the scope executions:read.${see}`;
}
