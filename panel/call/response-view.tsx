import { useState } from 'preact/hooks';
import { CodeBlock } from '../components/text/code-block.tsx';
import { Button } from '../components/controls/button.tsx';
import { formatBytes, formatCount, formatMs } from '../../olin/quantities.ts';
import { GuestText } from '../components/text/guest-text.tsx';
import { hexDump, viewBody } from './body-view.ts';
import type { TriedResponse } from './call.ts';

/** Limit on the bytes shown in a hex dump. */
const MAX_DUMP_BYTES = 8192;

export function ResponseView({ response }: { readonly response: TriedResponse }) {
  const { status, statusText, headers, body, isCut, ms, bill, redirectedTo } = response;
  if (status === 0) {
    return (
      <p>
        The handler redirects. Requests with a token do not follow redirects, and the browser does
        not show their response. Use the curl command to see the target.
      </p>
    );
  }
  return (
    <div class="handler-response">
      <dl class="response-facts">
        <div>
          <dt>Status</dt>
          <dd>
            <strong class={status < 400 ? 'is-good' : 'is-bad'}>
              {status} <GuestText text={statusText} />
            </strong>
          </dd>
        </div>
        <div>
          <dt>Total time</dt>
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
            <dd>{formatCount(bill.gas)}</dd>
          </div>
        )}
        {bill?.runMs === undefined ? null : (
          <div>
            <dt>Duration of the run</dt>
            <dd>{formatMs(bill.runMs)}</dd>
          </div>
        )}
        {bill === undefined ? null : (
          <div>
            <dt>Execution</dt>
            <dd>
              <a href={`/panel/executions/${encodeURIComponent(bill.executionId)}`}>Log and bill</a>
            </dd>
          </div>
        )}
      </dl>
      {redirectedTo === undefined ? null : (
        <p class="muted">
          Redirected to <GuestText text={redirectedTo} />
        </p>
      )}
      <details>
        <summary>{headers.length} headers</summary>
        <CodeBlock
          label="Response headers"
          text={headers.map(([name, value]) => `${name}: ${value}`).join('\n')}
        />
      </details>
      <BodyView response={response} />
    </div>
  );
}

function BodyView({ response }: { readonly response: TriedResponse }) {
  const [wantsBytes, setWantsBytes] = useState(false);
  const type = response.headers.find(([name]) => name === 'content-type')?.[1] ?? '';
  const { kind, text } = viewBody(response.body, type, response.isCut);
  if (kind === 'empty') return <p class="muted">The body is empty.</p>;
  const isDump = wantsBytes || text === undefined;
  const dumped = response.body.subarray(0, MAX_DUMP_BYTES);
  const isMore = response.isCut || (isDump && dumped.length < response.body.length);
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
            The first {formatBytes(isDump ? dumped.length : response.body.length)} are shown.
          </span>
        ) : null}
      </div>
    </>
  );
}
