import type { ApiExecutionDetail } from '../../client/index.ts';
import { formatBytes, formatCount, formatMs, formatPages } from '../../olin/quantities.ts';
import { GuestText } from '../components/text/guest-text.tsx';

/** Shows the resources that a run used. */
export function Bill({ execution }: { readonly execution: ApiExecutionDetail }) {
  const { gas, memoryPages, bytesIn, bytesOut, wallMs, urls } = execution;
  const calls = Object.entries(execution.calls).sort(([, one], [, other]) => other - one);
  return (
    <section class="section">
      <h2>Bill</h2>
      <dl class="facts">
        <dt>Gas</dt>
        <dd>{formatCount(gas)}</dd>
        <dt>Memory</dt>
        <dd>{formatPages(memoryPages)}</dd>
        <dt>Time</dt>
        <dd>{formatMs(wallMs)}</dd>
        <dt>Bytes read</dt>
        <dd>{formatBytes(bytesIn)}</dd>
        <dt>Bytes written</dt>
        <dd>{formatBytes(bytesOut)}</dd>
      </dl>
      <h3>System calls</h3>
      {calls.length === 0 ? (
        <p class="muted">None.</p>
      ) : (
        <ul class="bill-calls">
          {calls.map(([name, count]) => (
            <li key={name}>
              <code>{name}</code>
              <span class="numeric">{formatCount(count)}</span>
            </li>
          ))}
        </ul>
      )}
      {urls.length === 0 ? null : (
        <>
          <h3>URLs opened</h3>
          <ul class="bill-urls">
            {urls.map((url, at) => (
              <li key={at}>
                <code>
                  <GuestText text={url} />
                </code>
              </li>
            ))}
          </ul>
        </>
      )}
    </section>
  );
}
