/** A request, typed and sent, and what came back. */
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { Handler } from '../../client/index.ts';
import { Button } from '../components/controls/button.tsx';
import { CodeBlock } from '../components/text/code-block.tsx';
import { SelectField, TextField } from '../components/controls/field.tsx';
import { Problem } from '../components/resource.tsx';
import { useAction } from '../components/hooks/use-action.ts';
import { CallToken } from './call-token.ts';
import { addressIn, callHandler, METHODS, refusedHeaders, takesBody, type Reply } from './call.ts';
import { curlLine } from './curl.ts';
import { readHeaderLines } from './header-lines.ts';
import { ReplyView } from './reply-view.tsx';

type Method = (typeof METHODS)[number];

export function TryForm({ handler }: { readonly handler: Handler }) {
  const [method, setMethod] = useState<Method>('GET');
  const [path, setPath] = useState('/');
  const [headerText, setHeaderText] = useState('');
  const [body, setBody] = useState('');
  const [reply, setReply] = useState<Reply>();
  const [isStopped, setStopped] = useState(false);
  const stopping = useRef<AbortController>(undefined);
  const token = useMemo(() => new CallToken(), [handler.id]);
  useEffect(() => {
    const leave = (): void => {
      stopping.current?.abort();
      token.drop();
    };
    // By a link out of the panel, or by closing the tab, the page is left without being drawn anew.
    globalThis.addEventListener('pagehide', leave);
    return () => {
      globalThis.removeEventListener('pagehide', leave);
      leave();
    };
  }, [token]);

  const url = addressIn(handler.url, path);
  const { headers, problem } = readHeaderLines(headerText);
  const refused = refusedHeaders(headers);
  const sentBody = takesBody(method) ? body : '';
  const sending = useAction(async () => {
    if (url === undefined || problem !== undefined) return;
    const stop = new AbortController();
    stopping.current = stop;
    setReply(undefined);
    setStopped(false);
    const own = headers.some(([name]) => name.toLowerCase() === 'authorization');
    const secret = handler.private && !own ? await token.get() : undefined;
    try {
      setReply(
        await callHandler({
          ...{ method, url, headers, body: sentBody },
          token: secret,
          signal: stop.signal,
        }),
      );
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
      throw new Error(
        'No reply could be read. The run origin may be unreachable, the connection may have been broken off, the reply may lead to another origin, or the handler forbids this page to read it. The executions tell whether it ran; the curl line below has no such bounds.',
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
                ? 'The path leads out of the handler. Leave the “..” in it out.'
                : undefined
            }
          />
        </div>
        <TextField
          label="Headers"
          hint="Name: value, one a line."
          value={headerText}
          onInput={setHeaderText}
          lines={2}
          isCode
          placeholder="Content-Type: application/json"
          error={
            problem ??
            (refused.length === 0
              ? undefined
              : `Browsers let no page set ${refused.join(', ')}; the curl line does.`)
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
              It is private: a token of five minutes is made for it, and revoked when you leave.
            </span>
          ) : null}
        </div>
      </form>
      <section class="section" aria-labelledby="curl">
        <h2 id="curl">The same by curl</h2>
        <CodeBlock
          label="curl line"
          isWrapped
          text={curlLine({
            ...{ method, headers, body: sentBody },
            url: url ?? handler.url,
            needsToken: handler.private,
          })}
        />
      </section>
      <section class="section" aria-labelledby="reply" aria-live="polite">
        <h2 id="reply">Reply</h2>
        {sending.error === undefined ? null : <Problem error={sending.error} />}
        {reply === undefined ? (
          sending.error === undefined ? (
            <p class="muted">
              {sending.isBusy
                ? 'Waiting for it …'
                : isStopped
                  ? 'Stopped before a reply came.'
                  : 'Nothing was sent yet.'}
            </p>
          ) : null
        ) : (
          <ReplyView reply={reply} />
        )}
      </section>
    </>
  );
}
