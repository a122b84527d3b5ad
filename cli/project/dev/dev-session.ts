/** One `trisiel dev` session: builds, serves, watches, and adds up the cost of requests. */
import { relative } from 'node:path';
import { compile, type CompiledModule } from '../../../olin/index.ts';
import type { Context } from '../../context.ts';
import { CommandError } from '../../errors.ts';
import { describeLog, describeStopText } from '../../olin/report.ts';
import { makeVisible } from '../../olin/visible.ts';
import { formatBytes, formatCount, formatMany, formatMs } from '../../../olin/quantities.ts';
import { styled, Text, text } from '../../terminal/text.ts';
import { BuildWrites } from './build-writes.ts';
import { buildProject } from '../build/build.ts';
import { serveLocally, type Current, type ServedRequest } from './local-server.ts';
import { openProject, describeCompiler } from '../file/open-project.ts';
import { chooseSettings, type RunChoices, type RunSettings } from '../run-options.ts';
import { watchSources } from './watch.ts';

export class DevSession {
  readonly #context: Context;
  readonly #folder: string;
  readonly #choices: RunChoices;
  #module: CompiledModule | undefined;
  #settings: RunSettings | undefined;
  #failure: { message: string; output: string } | undefined;
  #name = '';
  /** The build in progress, which requests wait for. */
  #building: Promise<void> = Promise.resolve();
  #isStale = false;
  /** Times of the last two builds. File events may arrive late. */
  #builds: { readonly begin: number; end: number }[] = [];
  readonly #writes = new BuildWrites();
  readonly #sum = { requests: 0, gas: 0, wallMs: 0, memoryPages: 0, failed: 0 };
  /** Serializes output. */
  #written: Promise<void> = Promise.resolve();

  constructor(context: Context, folder: string, choices: RunChoices) {
    this.#context = context;
    this.#folder = folder;
    this.#choices = choices;
  }

  /** Serves until the context's signal is aborted. */
  async serve(port: number): Promise<void> {
    const { signal } = this.#context;
    const opened = await openProject(this.#folder);
    this.#name = opened.name;
    const server = await serveLocally({
      port,
      current: () => this.#current(),
      onServed: (served) => this.#onServed(served),
    });
    const url = `http://localhost:${server.port}/`;
    watchSources({
      folder: this.#folder,
      modulePath: opened.module ?? '',
      signal,
      wasBuilding: (at) => this.#builds.some(({ begin, end }) => begin <= at && at <= end),
      onChange: (paths, during) => this.#onChange(paths, during),
    });
    this.#report({ event: 'listening', url, name: this.#name }, () => [
      text`${styled('bold', opened.name)} is running at ${styled('cyan', url)} and rebuilds on changes. Press Ctrl-C to stop.`,
    ]);
    this.#rebuild([]);
    await new Promise<void>((resolve) => {
      if (signal.aborted) resolve();
      signal.addEventListener('abort', () => resolve(), { once: true });
    });
    await server.close();
    await this.#building;
    this.#reportTotals();
    await this.#written;
  }

  #onChange(paths: readonly string[], during: ReadonlySet<string>): void {
    const saved = paths.filter((path) => !during.has(path));
    const built = this.#writes.duringBuild(
      paths.filter((path) => during.has(path)),
      (path) =>
        this.#report({ event: 'ignored', path }, () => [
          text`${path} changes with each build, so the build probably writes it. Its changes during a build are ignored.`,
        ]),
    );
    const wanted = [...saved, ...built];
    if (wanted.length > 0) this.#rebuild(wanted);
  }

  /** One build runs at a time; changes during a build trigger another. */
  #rebuild(paths: readonly string[]): void {
    if (this.#isStale) return;
    this.#isStale = true;
    this.#building = this.#building.then(async () => {
      this.#isStale = false;
      if (this.#context.signal.aborted) return;
      const span = { begin: Date.now(), end: Number.POSITIVE_INFINITY };
      this.#builds = [span, ...this.#builds.slice(0, 1)];
      this.#writes.begin();
      await this.#build(paths, () => (span.end = Date.now()));
    });
  }

  /** @param onBuilt called when the build command has finished */
  async #build(paths: readonly string[], onBuilt: () => void): Promise<void> {
    const began = performance.now();
    let output = '';
    try {
      // trisiel.toml itself may have changed.
      const opened = await openProject(this.#folder);
      const settings = await chooseSettings(this.#choices, opened, this.#context);
      const { signal } = this.#context;
      const outcome = await buildProject(opened, { signal }).finally(onBuilt);
      output = outcome.output;
      if (!outcome.ok) throw new CommandError(outcome.message);
      const module = await compile(outcome.bytes);
      this.#name = opened.name;
      this.#settings = settings;
      this.#module = module;
      this.#failure = undefined;
      const shown = relative(this.#folder, outcome.path);
      const bytes = outcome.bytes.length;
      const tookMs = performance.now() - began;
      this.#report(
        { event: 'built', changed: paths, module: outcome.path, bytes, tookMs, output },
        () => [
          ...(output.trim() === '' ? [] : [describeCompiler(output)]),
          text`${styled('green', 'Built')} ${shown}, ${formatBytes(bytes)}, in ${formatMs(tookMs)}`,
        ],
      );
    } catch (error) {
      if (this.#context.signal.aborted) return;
      onBuilt();
      this.#fail(error instanceof Error ? error.message : String(error), output, paths);
    }
  }

  #fail(message: string, output: string, paths: readonly string[]): void {
    this.#failure = { message, output };
    const isServing = this.#module !== undefined;
    this.#report({ event: 'failed', changed: paths, message, output, servesOld: isServing }, () => [
      ...(output.trim() === '' ? [] : [describeCompiler(output)]),
      text`${styled('red', 'Build failed.')} ${message}${isServing ? ' Still serving the last module that was built.' : ''}`,
    ]);
  }

  /** The current build. Requests during a build wait for its result. */
  async #current(): Promise<Current> {
    await this.#building;
    return {
      name: this.#name,
      module: this.#module,
      failure: this.#failure,
      env: this.#settings?.env ?? {},
      policy: this.#settings?.policy,
      limits: this.#settings?.limits ?? {},
    };
  }

  #onServed({ method, target, status, answered, errorOutput }: ServedRequest): void {
    const sum = this.#sum;
    const bill = answered?.result.bill;
    const log = answered?.result.log ?? [];
    const trap = answered?.result.trap;
    const why = answered?.fault?.message ?? answered?.broken;
    sum.requests += 1;
    if (status === undefined || status >= 500 || why !== undefined) sum.failed += 1;
    if (bill !== undefined) {
      sum.gas += bill.gas;
      sum.wallMs += bill.wallMs;
      sum.memoryPages = Math.max(sum.memoryPages, bill.memoryPages);
    }
    const value = {
      event: 'request',
      method,
      target,
      status,
      bill,
      log,
      errorOutput,
      trap,
      fault: why,
    };
    this.#report(value, () => [
      describeRequest({ method, target, status, bill }),
      ...log.map((line) => indent(describeLog(line))),
      ...(errorOutput === '' ? [] : [indent(makeVisible(errorOutput))]),
      ...(trap !== undefined
        ? [indent(describeStopText(trap))]
        : why === undefined
          ? []
          : [indent(makeVisible(why))]),
    ]);
  }

  #reportTotals(): void {
    const { requests, failed, gas, wallMs, memoryPages } = this.#sum;
    this.#report({ event: 'ended', ...this.#sum }, () => [
      text`\n${formatMany(requests, 'request')}, ${formatCount(failed)} failed; ${formatCount(gas)} gas, ${formatMs(wallMs)} of runs, at most ${formatMany(memoryPages, 'page')} of memory.`,
    ]);
  }

  #report(value: unknown, render: () => Text[]): void {
    const { out } = this.#context;
    this.#written = this.#written.then(() => out.stream(value, render));
  }
}

/** `GET /?name=Ada  200  1.2 ms  13,326 gas  1 page` */
function describeRequest({
  method,
  target,
  status,
  bill,
}: Pick<ServedRequest, 'method' | 'target' | 'status'> & {
  readonly bill:
    | { readonly gas: number; readonly wallMs: number; readonly memoryPages: number }
    | undefined;
}): Text {
  const code =
    status === undefined
      ? styled('yellow', 'closed')
      : styled(status >= 500 ? 'red' : status >= 400 ? 'yellow' : 'green', String(status));
  const cost =
    bill === undefined
      ? text``
      : styled(
          'dim',
          text`  ${formatMs(bill.wallMs)}  ${formatCount(bill.gas)} gas  ${formatMany(bill.memoryPages, 'page')}`,
        );
  return text`${method} ${target}  ${code}${cost}`;
}

function indent(output: string): Text {
  return new Text(
    output
      .trimEnd()
      .split('\n')
      .map((line) => `    ${line}`)
      .join('\n'),
  );
}
