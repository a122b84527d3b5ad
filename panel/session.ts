/** The session of the signed-in user. */
import { signal } from '@preact/signals';
import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { Whoami } from '../client/index.ts';

export type PanelSession =
  | { readonly state: 'loading' }
  | { readonly state: 'failed'; readonly error: Error }
  /** @param hasEnded whether the user was signed in until now */
  | { readonly state: 'signed-out'; readonly hasEnded: boolean }
  | { readonly state: 'user'; readonly user: Whoami };

export const session = signal<PanelSession>({ state: 'loading' });

/** Called when the server does not accept the session. */
export function markSignedOut(): void {
  const { state } = session.peek();
  if (state !== 'signed-out') session.value = { state: 'signed-out', hasEnded: state === 'user' };
}

export const UserContext = createContext<Whoami | undefined>(undefined);

/** Returns the signed-in user. Throws if there is none. */
export function useUser(): Whoami {
  const user = useContext(UserContext);
  if (user === undefined) throw new Error('no one is signed in');
  return user;
}

/** Returns the URL of the sign-in page, which redirects back to `returnTo`. */
export function signInHref(returnTo = location.pathname + location.search): string {
  return `/login?returnTo=${encodeURIComponent(returnTo)}`;
}
