/**
 * Calls an exported function with arguments and results as bytes in a memory, from within WebAssembly, so that vectors
 * and the bits of every NaN pass unchanged. There is one small module per signature.
 */

const TYPES: Readonly<Record<string, { code: number; load: number[]; store: number[] }>> = {
  i32: { code: 0x7f, load: [0x28], store: [0x36] },
  i64: { code: 0x7e, load: [0x29], store: [0x37] },
  f32: { code: 0x7d, load: [0x2a], store: [0x38] },
  f64: { code: 0x7c, load: [0x2b], store: [0x39] },
  v128: { code: 0x7b, load: [0xfd, 0x00], store: [0xfd, 0x0b] },
};

const SLOT_BYTES = 16;
const RESULTS_AT = 1024;

function leb(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...leb(value >> 7)];
}

const section = (id: number, ...body: number[]) => [id, ...leb(body.length), ...body];

function typesOf(names: readonly string[]) {
  return names.map((name) => {
    const known = TYPES[name];
    if (known === undefined) throw new TypeError(`no adapter for ${name}`);
    return known;
  });
}

const PREAMBLE = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0];

function buildAdapter(params: readonly string[], results: readonly string[]): WebAssembly.Module {
  const ins = typesOf(params);
  const outs = typesOf(results);
  const codes = (types: typeof ins) => [types.length, ...types.map(({ code }) => code)];
  const body = [outs.length, ...outs.flatMap(({ code }) => [1, code])];
  ins.forEach(({ load }, index) => {
    body.push(0x41, 0, ...load, 0, ...leb(index * SLOT_BYTES));
  });
  body.push(0x10, 0);
  for (let index = outs.length - 1; index >= 0; index--) body.push(0x21, index);
  outs.forEach(({ store }, index) => {
    body.push(0x41, 0, 0x20, index, ...store, 0, ...leb(RESULTS_AT + index * SLOT_BYTES));
  });
  body.push(0x0b);
  return new WebAssembly.Module(
    Uint8Array.of(
      ...PREAMBLE,
      ...section(1, 2, 0x60, ...codes(ins), ...codes(outs), 0x60, 0, 0),
      ...section(2, 2, 1, 0x61, 1, 0x66, 0, 0, 1, 0x61, 1, 0x6d, 2, 0, 1),
      ...section(3, 1, 1),
      ...section(7, 1, 1, 0x72, 0, 1),
      ...section(10, 1, ...leb(body.length), ...body),
    ),
  );
}

const adapters = new Map<string, WebAssembly.Module>();

export interface Adapter {
  readonly view: DataView;
  argumentAt(index: number): number;
  resultAt(index: number): number;
  run(): void;
}

/** Undefined if no import can match the function's type, such as a subtype of its signature. */
export function adapt(
  body: WebAssembly.ImportValue,
  params: readonly string[],
  results: readonly string[],
): Adapter | undefined {
  const key = `${params.join()}:${results.join()}`;
  const module = adapters.get(key) ?? buildAdapter(params, results);
  adapters.set(key, module);
  const memory = new WebAssembly.Memory({ initial: 1 });
  let r: unknown;
  try {
    ({ r } = new WebAssembly.Instance(module, { a: { f: body, m: memory } }).exports);
  } catch (error) {
    if (error instanceof WebAssembly.LinkError) return undefined;
    throw error;
  }
  if (typeof r !== 'function') throw new TypeError('the adapter has no function');
  return {
    view: new DataView(memory.buffer),
    argumentAt: (index) => index * SLOT_BYTES,
    resultAt: (index) => RESULTS_AT + index * SLOT_BYTES,
    run: () => {
      r();
    },
  };
}
