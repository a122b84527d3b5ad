/** Frame of the pages of one handler: name, status and tabs. */
import type { ComponentChildren } from 'preact';
import { useEffect } from 'preact/hooks';
import { take, type ApiHandler } from '../../client/index.ts';
import { api } from '../api.ts';
import { Badge } from '../components/badge.tsx';
import { LinkButton } from '../components/controls/button.tsx';
import { Resource, useResource, type Loading } from '../components/resource.tsx';
import { Tabs } from '../components/controls/tabs.tsx';
import { PageHeading } from './page-heading.tsx';

export interface HandlerFrameProps {
  /** From the URL: a name, or the id of a deleted handler. */
  readonly handler: string;
  /** Title of the page, such as `Versions`. */
  readonly page: string;
  readonly children: (handler: ApiHandler, loading: Loading<ApiHandler>) => ComponentChildren;
}

/** The handler shown last, so that switching between its pages renders immediately. */
let lastSeen: ApiHandler | undefined;

export function HandlerFrame({ handler: name, page, children }: HandlerFrameProps) {
  const resource = useResource(
    (signal) =>
      take(api.GET('/api/handlers/{handler}', { params: { path: { handler: name } }, signal })),
    [name],
  );
  useEffect(() => {
    if (resource.value !== undefined) lastSeen = resource.value;
  }, [resource.value]);
  const seen = lastSeen?.name === name || lastSeen?.id === name ? lastSeen : undefined;
  const loading = { ...resource, value: resource.value ?? seen };
  const handler = loading.value;
  const base = `/panel/handlers/${encodeURIComponent(name)}`;
  return (
    <>
      <PageHeading
        above={
          <nav aria-label="Breadcrumb">
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

function HandlerFacts({ handler }: { readonly handler: ApiHandler }) {
  return (
    <span class="handler-facts">
      <HandlerState handler={handler} />
      <span>{handler.mode === 'sync' ? 'synchronous' : 'asynchronous'}</span>
      <span>{handler.private ? 'private' : 'public'}</span>
      {handler.description === '' ? null : <span>{handler.description}</span>}
    </span>
  );
}

export function HandlerState({ handler }: { readonly handler: ApiHandler }) {
  if (handler.deletedAt !== null) return <Badge tone="bad">deleted</Badge>;
  if (handler.activeVersion === null) return <Badge tone="warn">no active version</Badge>;
  return <Badge tone="good">version {handler.activeVersion}</Badge>;
}
