/** Shown on every page to users who are not signed in. */
import { useLocation } from 'preact-iso';
import { LinkButton } from '../components/controls/button.tsx';
import { signInHref } from '../session.ts';
import './welcome.css';

export interface WelcomeProps {
  /** The user was signed in until now. */
  readonly hasEnded: boolean;
  /** Path to return to after signing in; default the current page. */
  readonly returnTo?: string;
}

export function Welcome({ hasEnded, returnTo }: WelcomeProps) {
  const { url } = useLocation();
  return (
    <div class="welcome">
      <img src="/favicon.svg" alt="" width="72" height="72" />
      <h1 tabIndex={-1}>{hasEnded ? 'Your session has ended' : 'Sign in to Trisiel'}</h1>
      <p>
        {hasEnded
          ? 'Sign in again to return to this page.'
          : 'Deploy WebAssembly functions, watch them run, and see what each call did and cost.'}
      </p>
      <LinkButton href={signInHref(returnTo ?? url)} kind="primary" isOutside>
        Sign in
      </LinkButton>
      <p class="welcome-more">
        New here? <a href="/start/">Run a function in your browser first</a>. No account is needed.
      </p>
    </div>
  );
}
