/** A notice above the results: why a guest was stopped, or what is wrong with the input. */
import type { StopReason, StopCode } from '../../olin/index.ts';
import { make } from '../dom.ts';

const TRAP_TITLES: Readonly<Record<StopCode, string>> = {
  trap: 'The guest trapped',
  'bad-descriptor': 'Bad descriptor',
  policy: 'Refused by the policy',
  gas: 'Out of gas',
  memory: 'Out of memory',
  time: 'Out of time',
  output: 'Too much output',
  log: 'Too much log',
  descriptors: 'Too many open descriptors',
  cancelled: 'Stopped',
  'cannot-suspend': 'This browser cannot suspend a guest',
  host: 'The runtime failed',
};

export function trapTitle(code: StopCode): string {
  return TRAP_TITLES[code];
}

/** A line of a notice. `go` moves to its position in the source. */
export interface NoticeLine {
  readonly text: string;
  readonly go?: () => void;
}

export function showStop(element: HTMLElement, { code, message, backtrace }: StopReason): void {
  // The verdict above the notice serves as its title.
  fill(element, code === 'cancelled' ? 'info' : 'error', '', message);
  if (backtrace.length === 0) return;
  const frames = backtrace.map((frame) => make('li', '', make('code', '', frame)));
  const more = make(
    'details',
    '',
    make('summary', '', 'Backtrace'),
    make('ol', 'tp-frames', ...frames),
  );
  more.open = backtrace.length <= 6;
  element.append(more);
}

export function showNotice(
  element: HTMLElement,
  tone: 'error' | 'info',
  title: string,
  message: string,
  lines: readonly NoticeLine[] = [],
): void {
  fill(element, tone, title, message);
  if (lines.length === 0) return;
  const items = lines.map(({ text, go }) => {
    if (go === undefined) return make('li', '', text);
    const button = make('button', 'tp-place', text);
    button.type = 'button';
    button.addEventListener('click', go);
    return make('li', '', button);
  });
  element.append(make('ul', 'tp-lines', ...items));
}

export function hideNotice(element: HTMLElement): void {
  element.hidden = true;
  element.replaceChildren();
}

function fill(element: HTMLElement, tone: string, title: string, message: string): void {
  element.dataset['tone'] = tone;
  element.hidden = false;
  element.replaceChildren();
  if (title !== '') element.append(make('strong', '', title));
  if (message !== '') element.append(make('p', '', message));
}
