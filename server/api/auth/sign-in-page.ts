/** The local issuer's one page. It repeats nothing that was typed. */
import { renderPage } from './pages.ts';

/** @param message what was wrong, in plain text of ours */
export function signInPage(message = ''): string {
  return renderPage(
    'Sign in · Trisiel on this machine',
    `<h1>Sign in on this machine</h1>
<p>Choose any name. <strong>admin</strong> is an administrator, and may deploy at once. There is no password: this page answers on your own machine alone.</p>
${message === '' ? '' : `<p role="alert">${message}</p>`}
<form method="post">
<label for="name">Name</label>
<input id="name" name="name" required maxlength="39" autocomplete="username" autocapitalize="none" spellcheck="false" autofocus>
<button>Sign in</button>
</form>`,
  );
}
