/** The local issuer's sign-in page. It does not repeat user input. */
import { renderPage } from './pages.ts';

/** @param message an error as fixed plain text; it is not escaped */
export function signInPage(message = ''): string {
  return renderPage(
    'Sign in · Trisiel on this machine',
    `<h1>Sign in on this machine</h1>
<p>Choose any name. <strong>admin</strong> is an administrator and can deploy at once. There is no password: this page is only reachable from your own machine.</p>
${message === '' ? '' : `<p role="alert">${message}</p>`}
<form method="post">
<label for="name">Name</label>
<input id="name" name="name" required maxlength="39" autocomplete="username" autocapitalize="none" spellcheck="false" autofocus>
<button>Sign in</button>
</form>`,
  );
}
