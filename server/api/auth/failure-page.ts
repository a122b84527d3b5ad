/** The page that a person's browser shows if a sign-in fails: what was wrong, and the next step. */
import { escapeHtml, renderPage } from './pages.ts';

export interface Failure {
  readonly title: string;
  /** The problem's sentence. */
  readonly detail: string;
  /** By which an operator finds the cause in the log. */
  readonly requestId: string;
  /** The page on this kind of problem. */
  readonly help: string;
}

export function failurePage({ title, detail, requestId, help }: Failure): string {
  // The button says it.
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
