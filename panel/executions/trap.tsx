import type { ApiExecutionDetail } from '../../client/index.ts';
import { formatCount } from '../../olin/quantities.ts';
import { GuestText } from '../components/text/guest-text.tsx';

/** Shows why the guest was stopped, and its backtrace. */
export function TrapView({ execution }: { readonly execution: ApiExecutionDetail }) {
  const { status, trap } = execution;
  if (trap === null) return null;
  const { code, message, backtrace, limit, used } = trap;
  return (
    <section class="trap" aria-labelledby="trap">
      <h2 id="trap">
        Stopped: <code>{code}</code>
      </h2>
      <p class="trap-message">
        <GuestText text={message} />
      </p>
      {status === 'failed' && code === 'cancelled' ? (
        <p>
          The server stopped the run because its output is not a valid CGI reply. See{' '}
          <a href="/olin/cgi/">how a handler responds</a>.
        </p>
      ) : null}
      {limit === undefined ? null : (
        <p class="muted">
          Limit {formatCount(limit)}
          {used === undefined ? '' : `, used ${formatCount(used)}`}.
        </p>
      )}
      {backtrace.length === 0 ? null : (
        <ol class="backtrace" aria-label="Backtrace, innermost frame first">
          {backtrace.map((frame, at) => (
            <li key={at}>
              <GuestText text={frame} />
            </li>
          ))}
        </ol>
      )}
      <p>
        <a href="/olin/endings/">About the ways a run can end</a>
      </p>
    </section>
  );
}
