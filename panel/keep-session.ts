/** Loads the signed-in user and refreshes it, because an administrator may change the account while the tab is open. */
import { useEffect } from 'preact/hooks';
import { take } from '../client/index.ts';
import { api } from './api.ts';
import { useReturn } from './components/hooks/use-return.ts';
import { markSignedOut, session } from './session.ts';

const WHOAMI = '/api/whoami';

/** Loads the session on mount, when the user returns to the tab, and after a 403 response. */
export function useKeptSession(): void {
  useEffect(() => {
    void loadSession();
    const watch = {
      onResponse: ({ response, schemaPath }: { response: Response; schemaPath: string }): void => {
        if (response.status === 403 && schemaPath !== WHOAMI) void renewSession();
      },
    };
    api.use(watch);
    return () => api.eject(watch);
  }, []);
  useReturn(() => void renewSession());
}

async function loadSession(): Promise<void> {
  try {
    session.value = { state: 'user', user: await take(api.GET(WHOAMI)) };
  } catch (error) {
    if (session.value.state === 'signed-out') return;
    if (error instanceof Error) session.value = { state: 'failed', error };
    else markSignedOut();
  }
}

/** Refreshes the user in the background. Failures are ignored; a 401 is handled by the middleware in `api.ts`. */
export async function renewSession(): Promise<void> {
  const { value } = session;
  if (value.state !== 'user') return;
  const user = await take(api.GET(WHOAMI)).catch(() => undefined);
  if (user === undefined || session.value !== value) return;
  if (JSON.stringify(user) !== JSON.stringify(value.user)) session.value = { state: 'user', user };
}
