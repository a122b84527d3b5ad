/** Decides on applications for the free tier. */
import { take, type Api } from '../../client/api.ts';
import type { Application } from '../../client/views.ts';
import { text, type Text } from '../terminal/text.ts';

export function decideApplication(
  api: Api,
  status: 'approved' | 'refused',
  { application, answer }: { readonly application: string; readonly answer: string | undefined },
) {
  return take(
    api.POST('/api/admin/applications/{application}/decision', {
      params: { path: { application } },
      body: { status, ...(answer === undefined ? {} : { answer }) },
    }),
  );
}

export function describeDecision({
  username,
  status,
}: Pick<Application, 'username' | 'status'>): Text {
  return text`The application of ${username} is ${status}.`;
}
