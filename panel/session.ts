/** Who is signed in. */
import { signal } from '@preact/signals';
import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { Whoami } from '../client/index.ts';

export type Session =
  | { readonly state: 'loading' }
  | { readonly state: 'failed'; readonly error: Error }
  /** @param hasEnded there was a session until now */
  | { readonly state: 'stranger'; readonly hasEnded: boolean }
  | { readonly state: 'user'; readonly user: Whoami };

export const session = signal<Session>({ state: 'loading' });

/** The server knows the caller no more, or never did. */
export function noteStranger(): void {
  const { state } = session.peek();
  if (state !== 'stranger') session.value = { state: 'stranger', hasEnded: state === 'user' };
}

export const UserContext = createContext<Whoami | undefined>(undefined);

/** The user of the page; pages are drawn for users alone. */
export function useUser(): Whoami {
  const user = useContext(UserContext);
  if (user === undefined) throw new Error('no one is signed in');
  return user;
}

/** The address to sign in at, which leads back to where one is. */
export function signInHref(returnTo = location.pathname + location.search): string {
  return `/login?returnTo=${encodeURIComponent(returnTo)}`;
}
