/** The differences between two versions: size, functions, memory, imports, exports and features. */
import type { ComponentChildren } from 'preact';
import type { ApiVersion } from '../../client/index.ts';
import { formatBytes, formatCount, formatPages } from '../../olin/quantities.ts';
import { GuestText } from '../components/text/guest-text.tsx';
import { diffVersions, type ListChange, type NumberChange } from './diff.ts';

export interface DiffViewProps {
  readonly before: ApiVersion;
  readonly after: ApiVersion;
}

export function DiffView({ before, after }: DiffViewProps) {
  const diff = diffVersions(before, after);
  if (diff.isSameModule) {
    return (
      <p>
        Versions {before.number} and {after.number} are the same module, byte for byte.
      </p>
    );
  }
  return (
    <dl class="diff">
      <Row name="Size">
        <NumberDiff change={diff.bytes} format={formatBytes} />
      </Row>
      <Row name="Functions">
        <NumberDiff change={diff.functions} format={formatCount} />
      </Row>
      <Row name="Memory">
        <NumberDiff change={diff.memoryPages} format={formatPages} />
      </Row>
      <Row name="Imports">
        <ListDiff change={diff.imports} what="imports" />
      </Row>
      <Row name="Exports">
        <ListDiff change={diff.exports} what="exports" />
      </Row>
      <Row name="Features">
        <ListDiff change={diff.features} what="features" />
      </Row>
    </dl>
  );
}

function Row({ name, children }: { readonly name: string; readonly children: ComponentChildren }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </>
  );
}

function NumberDiff({
  change: { before, after },
  format,
}: {
  readonly change: NumberChange;
  readonly format: (value: number) => string;
}) {
  if (before === after) return <span class="muted">{format(after)}, unchanged</span>;
  const sign = after > before ? '+' : '−';
  return (
    <span class="numeric">
      {format(before)} → {format(after)}{' '}
      <span class="muted">
        ({sign}
        {format(Math.abs(after - before))})
      </span>
    </span>
  );
}

function ListDiff({
  change: { added, removed, kept },
  what,
}: {
  readonly change: ListChange;
  readonly what: string;
}) {
  if (added.length === 0 && removed.length === 0) {
    return (
      <span class="muted">
        {kept.length === 0 ? `no ${what}` : `${formatCount(kept.length)}, unchanged`}
      </span>
    );
  }
  return (
    <ul class="diff-list">
      {added.map((each) => (
        <li key={each} class="diff-added">
          <span aria-hidden="true">+ </span>
          <span class="sr-only">added: </span>
          <GuestText text={each} />
        </li>
      ))}
      {removed.map((each) => (
        <li key={each} class="diff-removed">
          <span aria-hidden="true">− </span>
          <span class="sr-only">removed: </span>
          <GuestText text={each} />
        </li>
      ))}
      {kept.length === 0 ? null : <li class="muted">{formatCount(kept.length)} unchanged</li>}
    </ul>
  );
}
