/**
 * What a hook may call: standard input, standard output, standard error and the log. All other system calls are refused:
 * what they return would be the same in all runs that start from the snapshot.
 */
import { WASI_MODULE } from '../abi/wasi/index.ts';
import { shorten } from '../shorten.ts';
import type { Gauge } from '../wasm/index.ts';

/** Maximum size of the hook's output that is kept. */
const MAX_OUTPUT = 1 << 24;
/** Initial capacity of the output buffer, which doubles when it is full. */
const FIRST_OUTPUT = 1 << 12;
/** The limit of a run. */
const MAX_VECTORS = 1024;
/** Charged for each call; reading and writing cost a unit for each byte too. */
const CALL_GAS = 100;
const MAX_NAME = 80;

const BAD_DESCRIPTOR = 8;
const NOT_SEEKABLE = 70;
const END_OF_FILE = -5;
const [STDIN, STDOUT, STDERR] = [0, 1, 2];

type HookGauge = Pick<Gauge, 'charge' | 'exhaust' | 'memory'>;
type Call = (...wire: (number | bigint)[]) => number | undefined;

export class InitializationHost {
  readonly #input: Uint8Array;
  readonly #gauge: HookGauge;
  #read = 0;
  /** One buffer, so that many short writes cost no more memory than a long one. */
  #written = new Uint8Array(FIRST_OUTPUT);
  #writtenBytes = 0;
  /** The first call that was refused. */
  refusal: Error | undefined;

  constructor(input: Uint8Array, gauge: HookGauge) {
    this.#input = input;
    this.#gauge = gauge;
  }

  /** Everything that the hook wrote, to any of the three. */
  get output(): Uint8Array<ArrayBuffer> {
    return this.#written.slice(0, this.#writtenBytes);
  }

  imports(wanted: readonly WebAssembly.ModuleImportDescriptor[]): WebAssembly.Imports {
    const imports: Record<string, Record<string, WebAssembly.ImportValue>> = {};
    for (const { module, name, kind } of wanted) {
      if (kind !== 'function') continue;
      const body = (module === WASI_MODULE ? this.#wasi : this.#own)[name];
      (imports[module] ??= {})[name] = (...wire: (number | bigint)[]) => {
        if (body === undefined) this.#refuse(name);
        this.#charge(CALL_GAS);
        return body(...wire);
      };
    }
    return imports;
  }

  #refuse(name: string): never {
    this.refusal ??= new Error(
      `${shorten(name, MAX_NAME)} is not available during initialization, because its result would be the same in all runs. Call it when a request is answered.`,
    );
    throw this.refusal;
  }

  #charge(gas: number): void {
    if (!this.#gauge.charge(gas)) {
      this.#gauge.exhaust();
      throw new Error('it used more gas than its limit.');
    }
  }

  readonly #wasi: Readonly<Record<string, Call>> = {
    fd_read: (fd, base, count, total) => {
      if (fd !== STDIN) return BAD_DESCRIPTOR;
      const [first] = this.#vectors(base, count);
      this.#setU32(total, first === undefined ? 0 : this.#take(first));
      return 0;
    },
    fd_write: (fd, base, count, total) => {
      if (fd !== STDOUT && fd !== STDERR) return BAD_DESCRIPTOR;
      let written = 0;
      for (const vector of this.#vectors(base, count)) written += this.#keep(vector);
      this.#setU32(total, written);
      return 0;
    },
    fd_close: () => 0,
    fd_seek: () => NOT_SEEKABLE,
    fd_fdstat_get: (fd, place) => {
      if (Number(fd) > STDERR) return BAD_DESCRIPTOR;
      this.#view(place, 24).fill(0);
      return 0;
    },
    fd_prestat_get: () => BAD_DESCRIPTOR,
  };

  readonly #own: Readonly<Record<string, Call>> = {
    io_get_stdin: () => STDIN,
    io_get_stdout: () => STDOUT,
    io_get_stderr: () => STDERR,
    resource_read: (fd, base, length) => {
      if (fd !== STDIN) this.#refuse('resource_read');
      const into = this.#view(base, length);
      return into.length > 0 && this.#read === this.#input.length ? END_OF_FILE : this.#take(into);
    },
    resource_write: (fd, base, length) => {
      if (fd !== STDOUT && fd !== STDERR) this.#refuse('resource_write');
      return this.#keep(this.#view(base, length));
    },
    resource_flush: () => 0,
    resource_close: () => undefined,
    log_write: (_level, base, length) => {
      this.#keep(this.#view(base, length));
      this.#keep(Uint8Array.of(0x0a));
      return undefined;
    },
  };

  #take(into: Uint8Array): number {
    const count = Math.min(into.length, this.#input.length - this.#read);
    this.#charge(count);
    into.set(this.#input.subarray(this.#read, this.#read + count));
    this.#read += count;
    return count;
  }

  /** Keeps output up to the maximum, and drops the rest. Returns the length of the output. */
  #keep(bytes: Uint8Array): number {
    const kept = bytes.subarray(0, MAX_OUTPUT - this.#writtenBytes);
    this.#charge(kept.length);
    const length = this.#writtenBytes + kept.length;
    if (length > this.#written.length) {
      const larger = new Uint8Array(Math.max(length, 2 * this.#written.length));
      larger.set(this.#written.subarray(0, this.#writtenBytes));
      this.#written = larger;
    }
    this.#written.set(kept, this.#writtenBytes);
    this.#writtenBytes = length;
    return bytes.length;
  }

  #view(base: number | bigint | undefined, length: number | bigint | undefined): Uint8Array {
    const { buffer } = this.#gauge.memory(0) ?? { buffer: new ArrayBuffer(0) };
    const from = Number(base) >>> 0;
    const size = Number(length) >>> 0;
    if (from + size > buffer.byteLength) throw new Error('it gave an address outside its memory.');
    return new Uint8Array(buffer, from, size);
  }

  #vectors(base: number | bigint | undefined, count: number | bigint | undefined): Uint8Array[] {
    const wanted = Number(count) >>> 0;
    if (wanted > MAX_VECTORS) throw new Error(`it gave more than ${MAX_VECTORS} vectors.`);
    this.#charge(wanted);
    const list = this.#view(base, wanted * 8);
    const view = new DataView(list.buffer, list.byteOffset, list.length);
    return Array.from({ length: wanted }, (_, i) =>
      this.#view(view.getUint32(i * 8, true), view.getUint32(i * 8 + 4, true)),
    ).filter(({ length }) => length > 0);
  }

  #setU32(place: number | bigint | undefined, value: number): void {
    const { buffer, byteOffset } = this.#view(place, 4);
    new DataView(buffer, byteOffset, 4).setUint32(0, value, true);
  }
}
