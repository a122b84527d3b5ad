/** Shows progress on a terminal if an operation takes more than a second. */
import { clearLine, cursorTo } from 'node:readline';
import { text, type Text } from './text.ts';
import { hasColours } from './output.ts';
import type { Terminal } from './terminal.ts';

const PATIENCE_MS = 1000;
const FRAME_MS = 100;
const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const BAR_WIDTH = 24;

/** Fraction done, from 0 to 1; undefined if unknown. */
export type Share = () => number | undefined;

export class Progress {
  readonly #terminal: Terminal;
  readonly #isShown: boolean;

  constructor(terminal: Terminal, isJson: boolean) {
    this.#terminal = terminal;
    this.#isShown = !isJson && terminal.stderr.isTTY === true;
  }

  /** Shows the label on standard error while the work runs, and erases it afterwards. */
  async during<T>(label: string, work: Promise<T>, share?: Share): Promise<T> {
    if (!this.#isShown) return work;
    const { stderr } = this.#terminal;
    let frame = 0;
    let timer = setTimeout(begin, PATIENCE_MS);
    let isDrawn = false;
    function begin(): void {
      timer = setInterval(draw, FRAME_MS);
      draw();
    }
    function draw(): void {
      isDrawn = true;
      const line = renderProgress(label, FRAMES[frame % FRAMES.length] ?? '', share?.());
      frame += 1;
      cursorTo(stderr, 0);
      clearLine(stderr, 0);
      stderr.write(hasColours(stderr) ? line.raw : line.plain);
    }
    try {
      return await work;
    } finally {
      clearTimeout(timer);
      if (isDrawn) {
        cursorTo(stderr, 0);
        clearLine(stderr, 0);
      }
    }
  }
}

function renderProgress(label: string, frame: string, share: number | undefined): Text {
  if (share === undefined) return text`${frame} ${label}`;
  const full = Math.round(share * BAR_WIDTH);
  const bar = '█'.repeat(full) + '░'.repeat(BAR_WIDTH - full);
  return text`${frame} ${label} ${bar} ${Math.round(share * 100)}%`;
}
