/** Form to send a request to a handler and show its response. */
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { ApiHandler } from '../../client/index.ts';
import { Button } from '../components/controls/button.tsx';
import { CodeBlock } from '../components/text/code-block.tsx';
import { SelectField, TextField } from '../components/controls/field.tsx';
import { Problem } from '../components/resource.tsx';
import { useAction } from '../components/hooks/use-action.ts';
import { CallToken } from './call-token.ts';
import {
  urlWithin,
  callHandler,
  METHODS,
  refusedHeaders,
  takesBody,
  type TriedResponse,
} from './call.ts';
import { curlLine } from './curl.ts';
import { readHeaderLines } from './header-lines.ts';
import { ResponseView } from './response-view.tsx';

type Method = (typeof METHODS)[number];

export function TryForm({ handler }: { readonly handler: ApiHandler }) {
  const [method, setMethod] = useState<Method>('GET');
  const [path, setPath] = useState('/');
  const [headerText, setHeaderText] = useState('');
  const [body, setBody] = useState('');
  const [response, setResponse] = useState<TriedResponse>();
  const [isStopped, setStopped] = useState(false);
  const stopping = useRef<AbortController>(undefined);
  const token = useMemo(() => new CallToken(), [handler.id]);
  useEffect(() => {
    const leave = (): void => {
      stopping.current?.abort();
      token.drop();
    };
    // When a link leaves the panel or the tab is closed, components are not unmounted.
    globalThis.addEventListener('pagehide', leave);
    return () => {
      globalThis.removeEventListener('pagehide', leave);
      leave();
    };
  }, [token]);

  const url = urlWithin(handler.url, path);
  const { headers, problem } = readHeaderLines(headerText);
  const refused = refusedHeaders(headers);
  const sentBody = takesBody(method) ? body : '';
  const sending = useAction(async () => {
    if (url === undefined || problem !== undefined) return;
    const stop = new AbortController();
    stopping.current = stop;
    setResponse(undefined);
    setStopped(false);
    const own = headers.some(([name]) => name.toLowerCase() === 'authorization');
    const secret = handler.private && !own ? await token.get() : undefined;
    try {
      setResponse(
        await callHandler({
          ...{ method, url, headers, body: sentBody },
          token: secret,
          signal: stop.signal,
        }),
      );
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
      throw new Error(
        'No response could be read. The run origin may be unreachable, the connection may have been interrupted, the handler may redirect to another origin, or it may not allow this page to read the response (CORS). Check the executions to see whether it ran, or use the curl command below.',
        { cause: error },
      );
    }
  });

  return (
    <>
      <form
        class="try"
        onSubmit={(event) => {
          event.preventDefault();
          sending.run();
        }}
      >
        <div class="try-line">
          <SelectField
            label="Method"
            value={method}
            choices={METHODS.map((each) => [each, each] as const)}
            onChoose={setMethod}
          />
          <TextField
            label="Path and query"
            value={path}
            onInput={setPath}
            isCode
            error={
              url === undefined
                ? 'The path leaves the handler. Remove the “..” from it.'
                : undefined
            }
          />
        </div>
        <TextField
          label="Headers"
          hint="Name: value, one per line."
          value={headerText}
          onInput={setHeaderText}
          lines={2}
          isCode
          placeholder="Content-Type: application/json"
          error={
            problem ??
            (refused.length === 0
              ? undefined
              : `Browsers do not let pages set ${refused.join(', ')}. Use the curl command instead.`)
          }
        />
        {takesBody(method) ? (
          <TextField label="Body" value={body} onInput={setBody} lines={5} isCode />
        ) : null}
        <div class="actions">
          <Button
            type="submit"
            kind="primary"
            isBusy={sending.isBusy}
            disabled={url === undefined || problem !== undefined}
          >
            Send
          </Button>
          {sending.isBusy ? (
            <Button
              onClick={() => {
                setStopped(true);
                stopping.current?.abort();
              }}
            >
              Stop
            </Button>
          ) : null}
          {handler.private ? (
            <span class="muted">
              This handler is private. The panel creates a token that is valid for five minutes, and
              revokes it when you leave the page.
            </span>
          ) : null}
        </div>
      </form>
      <section class="section" aria-labelledby="curl">
        <h2 id="curl">Call with curl</h2>
        <CodeBlock
          label="curl command"
          isWrapped
          text={curlLine({
            ...{ method, headers, body: sentBody },
            url: url ?? handler.url,
            needsToken: handler.private,
          })}
        />
      </section>
      <section class="section" aria-labelledby="response" aria-live="polite">
        <h2 id="response">Response</h2>
        {sending.error === undefined ? null : <Problem error={sending.error} />}
        {response === undefined ? (
          sending.error === undefined ? (
            <p class="muted">
              {sending.isBusy
                ? 'Waiting for the response …'
                : isStopped
                  ? 'Stopped before a response arrived.'
                  : 'Send a request to see the response.'}
            </p>
          ) : null
        ) : (
          <ResponseView response={response} />
        )}
      </section>
    </>
  );
}
