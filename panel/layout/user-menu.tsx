/** Menu with the signed-in user, the theme and Sign out. */
import { useRef } from 'preact/hooks';
import { take } from '../../client/index.ts';
import { DEPLOY_TIER } from '../../server/tiers.ts';
import { api } from '../api.ts';
import { showToast } from '../components/toast.tsx';
import { Icon } from '../components/icon.tsx';
import { markSignedOut, session } from '../session.ts';
import { setTheme, theme, THEMES } from './theme.ts';
import './user-menu.css';

const THEME_NAMES = { auto: 'System', light: 'Light', dark: 'Dark' } as const;

export function UserMenu() {
  const menu = useRef<HTMLDivElement>(null);
  const current = session.value;
  const user = current.state === 'user' ? current.user : undefined;
  const close = (): void => menu.current?.hidePopover();
  return (
    <div class="user">
      <button type="button" class="user-button" popovertarget="user-menu">
        <Icon name="user" />
        <span class="user-name">{user?.username ?? 'Settings'}</span>
      </button>
      <div
        id="user-menu"
        class="user-menu"
        popover="auto"
        ref={menu}
        onClick={(event) => {
          if (event.target instanceof Element && event.target.closest('a') !== null) close();
        }}
      >
        {user === undefined ? null : (
          <p class="user-who">
            Signed in as <strong>{user.username}</strong>
          </p>
        )}
        <fieldset class="themes">
          <legend>Theme</legend>
          {THEMES.map((each) => (
            <label key={each}>
              <input
                type="radio"
                name="theme"
                checked={theme.value === each}
                onChange={() => setTheme(each)}
              />
              {THEME_NAMES[each]}
            </label>
          ))}
        </fieldset>
        <a href="/start/">Documentation</a>
        {user === undefined ? (
          <a href="/panel/sign-in">Sign in</a>
        ) : (
          <>
            {user.tier < DEPLOY_TIER ? <a href="/panel/apply">Apply for the free tier</a> : null}
            <button type="button" class="sign-out" onClick={() => void signOut(close)}>
              Sign out
            </button>
          </>
        )}
      </div>
    </div>
  );
}

async function signOut(close: () => void): Promise<void> {
  close();
  try {
    await take(api.POST('/logout'));
    session.value = { state: 'loading' };
    markSignedOut();
  } catch (error) {
    showToast(error instanceof Error ? error.message : 'You could not be signed out. Try again.');
  }
}
