/** What the pages of one handler have in common: its name, its state, the way between them. */
import type { ComponentChildren } from 'preact';
import { useEffect } from 'preact/hooks';
import { take, type Handler } from '../../client/index.ts';
import { api } from '../api.ts';
import { Badge } from '../components/badge.tsx';
import { LinkButton } from '../components/controls/button.tsx';
import { Resource, useResource, type Loading } from '../components/resource.tsx';
import { Tabs } from '../components/controls/tabs.tsx';
import { PageHeading } from './page-heading.tsx';

export interface HandlerFrameProps {
  /** As it stands in the address: a name, or the id of a deleted one. */
  readonly handler: string;
  /** Of the page, such as `Versions`. */
  readonly page: string;
  readonly children: (handler: Handler, loading: Loading<Handler>) => ComponentChildren;
}

/** The last one seen, so that going from page to page of it draws at once. */
let lastSeen: Handler | undefined;

export function HandlerFrame({ handler: name, page, children }: HandlerFrameProps) {
  const asked = useResource(
    (signal) =>
      take(api.GET('/api/handlers/{handler}', { params: { path: { handler: name } }, signal })),
    [name],
  );
  useEffect(() => {
    if (asked.value !== undefined) lastSeen = asked.value;
  }, [asked.value]);
  const seen = lastSeen?.name === name || lastSeen?.id === name ? lastSeen : undefined;
  const loading = { ...asked, value: asked.value ?? seen };
  const handler = loading.value;
  const base = `/panel/handlers/${encodeURIComponent(name)}`;
  return (
    <>
      <PageHeading
        above={
          <nav aria-label="Where you are">
            <a href="/panel/handlers">Handlers</a>
          </nav>
        }
        title={
          <>
            {handler?.name ?? name}
            <span class="sr-only">: {page}</span>
          </>
        }
        lead={handler === undefined ? undefined : <HandlerFacts handler={handler} />}
        actions={
          handler === undefined || handler.deletedAt !== null ? undefined : (
            <LinkButton href={`${base}/try`}>Try it</LinkButton>
          )
        }
      />
      <Tabs
        label={`Pages of ${name}`}
        tabs={[
          { label: 'Overview', href: base },
          { label: 'Executions', href: `${base}/executions` },
          { label: 'Versions', href: `${base}/versions` },
          { label: 'Configuration', href: `${base}/configuration` },
          { label: 'Policy', href: `${base}/policy` },
          { label: 'Settings', href: `${base}/settings` },
        ]}
      />
      <Resource of={loading}>{(value) => children(value, loading)}</Resource>
    </>
  );
}

function HandlerFacts({ handler }: { readonly handler: Handler }) {
  return (
    <span class="handler-facts">
      <HandlerState handler={handler} />
      <span>{handler.mode === 'sync' ? 'answers at once' : 'answers later'}</span>
      <span>{handler.private ? 'private' : 'public'}</span>
      {handler.description === '' ? null : <span>{handler.description}</span>}
    </span>
  );
}

export function HandlerState({ handler }: { readonly handler: Handler }) {
  if (handler.deletedAt !== null) return <Badge tone="bad">deleted</Badge>;
  if (handler.activeVersion === null) return <Badge tone="warn">no version yet</Badge>;
  return <Badge tone="good">version {handler.activeVersion}</Badge>;
}
