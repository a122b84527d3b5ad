import type { ExecutionDetail } from '../../client/index.ts';
import { formatCount } from '../components/text/format.ts';
import { GuestText } from '../components/text/guest-text.tsx';

/** Why the guest was stopped, and where in its code. */
export function TrapView({ execution }: { readonly execution: ExecutionDetail }) {
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
          The server stopped it, since what it wrote is no HTTP response:{' '}
          <a href="/olin/cgi/">how a handler answers</a>.
        </p>
      ) : null}
      {limit === undefined ? null : (
        <p class="muted">
          Limit {formatCount(limit)}
          {used === undefined ? '' : `, used ${formatCount(used)}`}.
        </p>
      )}
      {backtrace.length === 0 ? null : (
        <ol class="backtrace" aria-label="Backtrace, the innermost first">
          {backtrace.map((frame, at) => (
            <li key={at}>
              <GuestText text={frame} />
            </li>
          ))}
        </ol>
      )}
      <p>
        <a href="/olin/endings/">What each ending means</a>
      </p>
    </section>
  );
}
