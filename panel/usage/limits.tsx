/** The tier's limits and their current usage. */
import type { ApiLimits } from '../../client/index.ts';
import { formatBytes, formatCount, formatMs, formatPages } from '../../olin/quantities.ts';

type Limit = ApiLimits['limits'][number];

export function LimitsView({ limits }: { readonly limits: ApiLimits }) {
  const used = limits.limits.filter((each) => each.used !== null);
  const others = limits.limits.filter((each) => each.used === null);
  return (
    <>
      <ul class="meters">
        {used.map((each) => (
          <UsedLimit key={each.name} limit={each} />
        ))}
      </ul>
      <details class="limits-more">
        <summary>All limits of the {limits.tierName} tier</summary>
        <dl class="limits">
          {others.map((each) => (
            <div key={each.name}>
              <dt>{each.what}</dt>
              <dd>{formatLimit(each, each.limit)}</dd>
            </div>
          ))}
        </dl>
        <p class="muted">
          <a href="/server/tiers/">Compare tiers</a>
        </p>
      </details>
    </>
  );
}

function UsedLimit({ limit }: { readonly limit: Limit }) {
  const used = limit.used ?? 0;
  const max = limit.limit;
  const share = max === 0 ? 0 : used / max;
  return (
    <li>
      <span id={`limit-${limit.name}`}>{limit.what}</span>
      <span class="numeric">
        <strong>{formatLimit(limit, used)}</strong> of {formatLimit(limit, max)}
      </span>
      <meter
        aria-labelledby={`limit-${limit.name}`}
        min={0}
        max={Math.max(max, 1)}
        value={Math.min(used, max)}
        class={share >= 0.9 ? 'is-nearly-full' : undefined}
      />
    </li>
  );
}

function formatLimit({ unit }: Limit, value: number): string {
  switch (unit) {
    case 'bytes':
      return formatBytes(value);
    case 'pages of 64 KiB':
      return formatPages(value);
    case 'ms':
      return formatMs(value);
    case '':
      return formatCount(value);
    default:
      return `${formatCount(value)} ${unit}`;
  }
}
