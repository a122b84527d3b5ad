/** The page that a browser shows if a sign-in fails: the error and the next step. */
import { escapeHtml, renderPage } from './pages.ts';

export interface SignInFailure {
  readonly title: string;
  /** The problem's detail. */
  readonly detail: string;
  /** Identifies the log entry with the cause. */
  readonly requestId: string;
  /** The documentation page of this kind of problem. */
  readonly help: string;
}

export function failurePage({ title, detail, requestId, help }: SignInFailure): string {
  // The page has a button instead of this sentence.
  const sentence = detail.replace(/ Begin again at \/login\.$/, '');
  return renderPage(
    `${escapeHtml(title)} · Trisiel`,
    `<h1>${escapeHtml(title)}</h1>
<p role="alert">${escapeHtml(sentence)}</p>
<p><a class="button" href="/login?returnTo=%2Fpanel%2F">Sign in again</a></p>
<p><a href="/panel/">To the panel</a> · <a href="${escapeHtml(help)}">What this means</a></p>
<p><small>Request ${escapeHtml(requestId)}: the server’s log has the cause.</small></p>`,
  );
}
