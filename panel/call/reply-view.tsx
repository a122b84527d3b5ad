import { useState } from 'preact/hooks';
import { CodeBlock } from '../components/text/code-block.tsx';
import { Button } from '../components/controls/button.tsx';
import { formatBytes, formatGas, formatMs } from '../components/text/format.ts';
import { GuestText } from '../components/text/guest-text.tsx';
import { hexDump, viewBody } from './body-view.ts';
import type { Reply } from './call.ts';

/** Rows of a dump that a person reads. */
const DUMPED_BYTES = 8192;

export function ReplyView({ reply }: { readonly reply: Reply }) {
  const { status, statusText, headers, body, isCut, ms, bill, redirectedTo } = reply;
  if (status === 0) {
    return (
      <p>
        It redirects. With a token the browser follows no redirect, and shows nothing of the reply:
        send the curl line to see where it leads.
      </p>
    );
  }
  return (
    <div class="reply">
      <dl class="reply-facts">
        <div>
          <dt>Status</dt>
          <dd>
            <strong class={status < 400 ? 'is-good' : 'is-bad'}>
              {status} <GuestText text={statusText} />
            </strong>
          </dd>
        </div>
        <div>
          <dt>Time here</dt>
          <dd>{formatMs(ms)}</dd>
        </div>
        <div>
          <dt>Size</dt>
          <dd>
            {formatBytes(body.length)}
            {isCut ? ' and more' : ''}
          </dd>
        </div>
        {bill?.gas === undefined ? null : (
          <div>
            <dt>Gas</dt>
            <dd>{formatGas(bill.gas)}</dd>
          </div>
        )}
        {bill?.runMs === undefined ? null : (
          <div>
            <dt>Time in the guest</dt>
            <dd>{formatMs(bill.runMs)}</dd>
          </div>
        )}
        {bill === undefined ? null : (
          <div>
            <dt>Execution</dt>
            <dd>
              <a href={`/panel/executions/${encodeURIComponent(bill.executionId)}`}>
                its log and whole bill
              </a>
            </dd>
          </div>
        )}
      </dl>
      {redirectedTo === undefined ? null : (
        <p class="muted">
          After a redirect, from <GuestText text={redirectedTo} />
        </p>
      )}
      <details>
        <summary>{headers.length} headers</summary>
        <CodeBlock
          label="Headers of the reply"
          text={headers.map(([name, value]) => `${name}: ${value}`).join('\n')}
        />
      </details>
      <BodyView reply={reply} />
    </div>
  );
}

function BodyView({ reply }: { readonly reply: Reply }) {
  const [wantsBytes, setWantsBytes] = useState(false);
  const type = reply.headers.find(([name]) => name === 'content-type')?.[1] ?? '';
  const { kind, text } = viewBody(reply.body, type, reply.isCut);
  if (kind === 'empty') return <p class="muted">The body is empty.</p>;
  const isDump = wantsBytes || text === undefined;
  const dumped = reply.body.subarray(0, DUMPED_BYTES);
  const isMore = reply.isCut || (isDump && dumped.length < reply.body.length);
  return (
    <>
      <CodeBlock
        label={isDump ? 'Body, as bytes' : 'Body'}
        text={isDump ? hexDump(dumped) : text}
        hasCopy={!isDump}
      />
      <div class="actions">
        {text === undefined ? null : (
          <Button onClick={() => setWantsBytes(!wantsBytes)}>
            {isDump ? 'Show as text' : 'Show as bytes'}
          </Button>
        )}
        {isMore ? (
          <span class="muted">
            The first {formatBytes(isDump ? dumped.length : reply.body.length)} are shown.
          </span>
        ) : null}
      </div>
    </>
  );
}
