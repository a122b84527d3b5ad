import type { ApiExecutionDetail } from '../../../client/index.ts';
import { formatMs } from '../../../olin/quantities.ts';
import { GuestText } from '../../components/text/guest-text.tsx';

const LEVELS: Readonly<Record<number, 'error' | 'warning' | 'info'>> = {
  1: 'error',
  3: 'warning',
  6: 'info',
};

/** Shows the log of a run. */
export function LogLines({ lines }: { readonly lines: ApiExecutionDetail['log'] }) {
  return (
    <ol class="log">
      {lines.map(({ level, text, atMs }, at) => {
        const name = LEVELS[level];
        return (
          <li key={at}>
            <span class="log-at">{formatMs(atMs)}</span>
            <span class={name === undefined ? 'log-info' : `log-${name}`}>
              {name ?? `level ${level}`}
            </span>
            <span class="log-text">
              <GuestText text={text} />
            </span>
          </li>
        );
      })}
    </ol>
  );
}
