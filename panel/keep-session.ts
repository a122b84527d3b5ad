/** Reads who is signed in, and reads it again: an administrator may have changed it since the tab was opened. */
import { useEffect } from 'preact/hooks';
import { take } from '../client/index.ts';
import { api } from './api.ts';
import { useReturn } from './components/hooks/use-return.ts';
import { noteStranger, session } from './session.ts';

const WHOAMI = '/api/whoami';

/** While the app is drawn: at once, when its tab is looked at again, and when the API forbids something. */
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
    if (session.value.state === 'stranger') return;
    if (error instanceof Error) session.value = { state: 'failed', error };
    else noteStranger();
  }
}

/** Unseen: what cannot be read now stays as it was known. A session that has ended is noted by the API's own watch. */
export async function renewSession(): Promise<void> {
  const { value } = session;
  if (value.state !== 'user') return;
  const user = await take(api.GET(WHOAMI)).catch(() => undefined);
  if (user === undefined || session.value !== value) return;
  if (JSON.stringify(user) !== JSON.stringify(value.user)) session.value = { state: 'user', user };
}
