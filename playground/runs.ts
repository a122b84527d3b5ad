/** From what is on the page to a run and back: compile what was edited, run, stop. One run at a time. */
import type { ExampleInput } from '../examples/types.ts';
import { isCompiledInPage, type ExampleData } from './page/data.ts';
import type { OwnModule } from './inputs/own-module.ts';
import type { Results } from './results.ts';
import { Session, type Running } from './worker/session.ts';
import type { Source } from './editor/source.ts';
import type { NoticeLine } from './views/notice.ts';
import type { Failure, Job, JobRequest, ModuleSource, RunEvent } from './worker/worker-api.ts';

const WALL_MS = 10_000;

/** What the page does at the turning points of a run. */
export interface RunListener {
  onRunning(running: boolean): void;
  /** Something a person gave was refused. */
  onRefused(title: string, error: Failure, lines?: readonly NoticeLine[]): void;
}

/** One session for all playgrounds of a page: one warm worker. */
let session: Session | undefined;

export class Runs {
  readonly #data: ExampleData;
  readonly #runOrigin: string;
  readonly #source: Source;
  readonly #results: Results;
  readonly #listener: RunListener;
  readonly #session: Session;
  #built: { readonly source: string; readonly module: Uint8Array<ArrayBuffer> } | undefined;
  #running: Running | undefined;
  /** Counts the runs and the resets, so that what is late is told from what is current. */
  #turn = 0;
  /** A reader's own module, run in place of the source. */
  own: OwnModule | undefined;

  constructor(
    data: ExampleData,
    runOrigin: string,
    source: Source,
    results: Results,
    listener: RunListener,
  ) {
    this.#data = data;
    this.#runOrigin = runOrigin;
    this.#source = source;
    this.#results = results;
    this.#listener = listener;
    this.#session = session ??= new Session();
  }

  /** Readies the worker for the example's module. */
  warm(): void {
    this.#session.warm(this.#moduleUrl);
  }

  /** Readies the compiler for an edit. */
  loadCompiler(): void {
    if (isCompiledInPage(this.#data.language)) this.#session.loadCompiler(this.#data.language);
  }

  async run(input: ExampleInput): Promise<void> {
    if (this.#running !== undefined) return;
    performance.mark('trisiel:run');
    const turn = ++this.#turn;
    // Until the guest runs, Stop ends the compiler.
    this.#running = { done: Promise.resolve(), stop: () => this.#session.stopCompiler() };
    this.#listener.onRunning(true);
    const module = this.#readyModule() ?? (await this.#build(turn));
    if (module !== undefined && turn === this.#turn) {
      this.#results.begin(input.request === undefined);
      const running = this.#session.start(this.#job(input, module), (events) => {
        if (turn === this.#turn) this.#take(events);
      });
      this.#running = running;
      await running.done;
    }
    this.#running = undefined;
    this.#listener.onRunning(false);
  }

  stop(): void {
    this.#running?.stop();
  }

  /** Stops, and shows nothing more of what was under way. */
  discard(): void {
    this.#turn += 1;
    this.stop();
    this.#results.reset();
  }

  /** The request as the run origin would get it. */
  jobRequest(request: NonNullable<ExampleInput['request']>): JobRequest {
    const { method, path, headers = {}, body = '' } = request;
    const scriptName = `/run/${this.#data.name}`;
    const url = `${this.#runOrigin}${scriptName}${path}`;
    return { url, method, headers: Object.entries(headers), body, scriptName };
  }

  #take(events: readonly RunEvent[]): void {
    this.#results.take(events);
    for (const event of events) {
      if (event.type === 'output') markFirstOutput();
      if (event.type === 'failed' && event.error.code === 'bad-policy') {
        this.#results.reset();
        this.#listener.onRefused('The policy has an error', event.error);
      }
    }
  }

  #job(input: ExampleInput, module: ModuleSource): Job {
    const { args = [], env = {}, stdin = '', policy = '' } = input;
    const request = input.request === undefined ? undefined : this.jobRequest(input.request);
    const { name } = this.#data;
    return { module, name, ...(request && { request }), args, env, stdin, policy, wallMs: WALL_MS };
  }

  get #moduleUrl(): string {
    return new URL(this.#data.module, location.href).href;
  }

  /** The module to run, where nothing needs to be compiled for it. */
  #readyModule(): ModuleSource | undefined {
    if (this.own !== undefined) return { bytes: this.own.bytes };
    if (!this.#source.isEdited) return { url: this.#moduleUrl };
    const built = this.#built;
    return built?.source === this.#source.text ? { bytes: built.module } : undefined;
  }

  /** Compiles the edited source; what is wrong with it is shown at its place. */
  async #build(turn: number): Promise<ModuleSource | undefined> {
    const { language } = this.#data;
    if (!isCompiledInPage(language)) return undefined;
    this.#results.reportStep('Compiling');
    const source = this.#source.text;
    const reply = await this.#session.compile(language, source);
    if (turn !== this.#turn) return undefined;
    if (!reply.ok) {
      this.#results.reset();
      if (reply.error.code !== 'stopped') this.#listener.onRefused('Did not compile', reply.error);
      return undefined;
    }
    const { module, diagnostics } = reply.value;
    this.#source.mark(diagnostics);
    if (module !== undefined) {
      this.#built = { source, module };
      return { bytes: module };
    }
    this.#results.reset();
    const lines = diagnostics.map(({ message, line, column }) => ({
      text: `Line ${line}, column ${column}: ${message}`,
      go: () => void this.#source.goTo(line, column),
    }));
    this.#listener.onRefused('Did not compile', { code: 'compile', message: '' }, lines);
    return undefined;
  }
}

/** The time from Run to the first output byte, where `npm run bench -- playground` reads it. */
function markFirstOutput(): void {
  const [run] = performance.getEntriesByName('trisiel:run');
  if (run === undefined) return;
  performance.measure('trisiel:first-output', 'trisiel:run');
  performance.clearMarks('trisiel:run');
}
