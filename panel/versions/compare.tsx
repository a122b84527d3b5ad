import { useLocation } from 'preact-iso';
import type { ApiHandler, ApiVersion } from '../../client/index.ts';
import { SelectField } from '../components/controls/field.tsx';
import { withQuery } from '../components/controls/pager.tsx';
import { DiffView } from './diff-view.tsx';

export interface CompareProps {
  readonly handler: ApiHandler;
  /** Newest first. */
  readonly versions: readonly ApiVersion[];
  readonly query: Readonly<Record<string, string>>;
}

/**
 * Compares two versions of the list, which the URL selects. By default the newest version is compared with the active
 * one, or with the one before it if the newest is active.
 */
export function Compare({ handler, versions, query }: CompareProps) {
  const { url, route } = useLocation();
  if (versions.length < 2) return null;
  const find = (number: string | undefined): ApiVersion | undefined =>
    versions.find((each) => String(each.number) === number);
  const after = find(query['to']) ?? versions[0];
  const before =
    find(query['from']) ??
    versions.find(({ number }) => number === handler.activeVersion && number !== after?.number) ??
    versions.find(({ number }) => number !== after?.number);
  if (before === undefined || after === undefined) return null;
  const choices = versions.map(
    ({ number, active }) =>
      [String(number), active ? `${number} (active)` : String(number)] as const,
  );
  return (
    <section class="section compare" aria-labelledby="compare">
      <h2 id="compare">Compare</h2>
      <div class="field-row">
        <SelectField
          label="From version"
          value={String(before.number)}
          choices={choices}
          onChoose={(from) => route(withQuery(url, { from }), true)}
        />
        <SelectField
          label="To version"
          value={String(after.number)}
          choices={choices}
          onChoose={(to) => route(withQuery(url, { to }), true)}
        />
      </div>
      <DiffView before={before} after={after} />
    </section>
  );
}
