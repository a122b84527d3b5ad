/** Compiles the edited source, runs the module and stops it. One run at a time. */
import type { ExampleInput } from '../examples/types.ts';
import { isCompiledInPage } from '../sdk/languages.ts';
import type { ExampleData } from './page/data.ts';
import type { OwnModule } from './inputs/own-module.ts';
import type { Results } from './results.ts';
import { Session, type Running } from './worker/session.ts';
import type { SourceView } from './editor/source.ts';
import type { NoticeLine } from './views/notice.ts';
import type { Failure, Job, JobRequest, ModuleSource, RunEvent } from './worker/worker-api.ts';

const WALL_MS = 10_000;

/** Notified when a run starts, ends or cannot start. */
export interface RunListener {
  onRunning(running: boolean): void;
  /** The source or the input was rejected. */
  onRejected(title: string, error: Failure, lines?: readonly NoticeLine[]): void;
}

/** Shared by all playgrounds of a page, so that they share one warm worker. */
let session: Session | undefined;

export class Runs {
  readonly #data: ExampleData;
  readonly #runOrigin: string;
  readonly #source: SourceView;
  readonly #results: Results;
  readonly #listener: RunListener;
  readonly #session: Session;
  #built: { readonly source: string; readonly module: Uint8Array<ArrayBuffer> } | undefined;
  #running: Running | undefined;
  /** Incremented by every run and reset, to recognise results of an earlier run. */
  #turn = 0;
  /** The reader's own module, run instead of the source. */
  own: OwnModule | undefined;

  constructor(
    data: ExampleData,
    runOrigin: string,
    source: SourceView,
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

  /** Starts the worker and compiles the example's module. */
  warm(): void {
    this.#session.warm(this.#moduleUrl);
  }

  /** Loads the compiler of the example's language. */
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

  /** Stops the current run and ignores its remaining events. */
  discard(): void {
    this.#turn += 1;
    this.stop();
    this.#results.reset();
  }

  /** Returns the request as the run origin would receive it. */
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
        this.#listener.onRejected('The policy has an error', event.error);
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

  /** Returns the module to run, or undefined if the source has to be compiled first. */
  #readyModule(): ModuleSource | undefined {
    if (this.own !== undefined) return { bytes: this.own.bytes };
    if (!this.#source.isEdited) return { url: this.#moduleUrl };
    const built = this.#built;
    return built?.source === this.#source.text ? { bytes: built.module } : undefined;
  }

  /** Compiles the edited source and shows its diagnostics in the editor. */
  async #build(turn: number): Promise<ModuleSource | undefined> {
    const { language } = this.#data;
    if (!isCompiledInPage(language)) return undefined;
    this.#results.reportStep('Compiling');
    const source = this.#source.text;
    const result = await this.#session.compile(language, source);
    if (turn !== this.#turn) return undefined;
    if (!result.ok) {
      this.#results.reset();
      if (result.error.code !== 'stopped')
        this.#listener.onRejected('Compilation failed', result.error);
      return undefined;
    }
    const { module, diagnostics } = result.value;
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
    this.#listener.onRejected('Compilation failed', { code: 'compile', message: '' }, lines);
    return undefined;
  }
}

/** Measures the time from Run to the first output byte, for `npm run bench -- playground`. */
function markFirstOutput(): void {
  const [run] = performance.getEntriesByName('trisiel:run');
  if (run === undefined) return;
  performance.measure('trisiel:first-output', 'trisiel:run');
  performance.clearMarks('trisiel:run');
}
