/** Runs without metering: the gas is not counted, and no turn is taken. */
export const START_EXPORT = '_start_section';

export function meter(bytes: Uint8Array): Uint8Array {
  return bytes;
}

export interface GaugeOptions {
  readonly gasLimit: number;
  readonly sliceGas: number;
  readonly memoryPagesLimit: number;
  readonly canSuspend: boolean;
  onTurn(): void | Promise<void>;
  onLimit(): never;
}

export class Gauge {
  readonly used = 0;
  #memory: WebAssembly.Memory | undefined;
  constructor(options: GaugeOptions) {
    void options;
  }
  addImports(imports: Record<string, Record<string, WebAssembly.ImportValue>>): void {
    void imports;
  }
  attach(instance: WebAssembly.Instance): void {
    const { memory } = instance.exports;
    if (memory instanceof WebAssembly.Memory) this.#memory = memory;
  }
  get peakMemoryPages(): number {
    return (this.#memory?.buffer.byteLength ?? 0) / 65_536;
  }
}
