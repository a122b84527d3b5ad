/** Runs a JavaScript handler's module as its compiler made it: not metered, with four system calls and a reset instance. */
const NOT_FOUND = -4;
const ENDS = 'not in this benchmark';

/** Returns a function that handles one request and returns its reply in CGI's format. */
export async function openUnmetered(
  bytes: Uint8Array<ArrayBuffer>,
  environment: Readonly<Record<string, string>>,
): Promise<() => Uint8Array> {
  const module = await WebAssembly.compile(bytes);
  let written: Uint8Array[] = [];
  const memory = { buffer: new ArrayBuffer() };
  const view = (at: number, length: number): Uint8Array =>
    new Uint8Array(memory.buffer, at, length);
  const calls: Readonly<Record<string, (...args: number[]) => number>> = {
    env_get: (name = 0, nameLength = 0, into = 0, length = 0) => {
      const value = environment[Buffer.from(view(name, nameLength)).toString()];
      if (value === undefined) return NOT_FOUND;
      view(into, length).set(Buffer.from(value).subarray(0, length));
      return Buffer.byteLength(value);
    },
    fd_write: (_fd, base = 0, count = 0, total = 0) => {
      const list = new DataView(memory.buffer);
      let sum = 0;
      for (let at = base; at < base + count * 8; at += 8) {
        const [from, length] = [list.getUint32(at, true), list.getUint32(at + 4, true)];
        written.push(view(from, length).slice());
        sum += length;
      }
      list.setUint32(total, sum, true);
      return 0;
    },
  };
  const imports: Record<string, Record<string, () => unknown>> = {};
  for (const { module: from, name } of WebAssembly.Module.imports(module)) {
    (imports[from] ??= {})[name] =
      calls[name] ??
      (() => {
        throw new Error(`${name} is ${ENDS}`);
      });
  }
  const { exports } = await WebAssembly.instantiate(module, imports);
  const { memory: own, _start: start } = exports;
  if (!(own instanceof WebAssembly.Memory) || typeof start !== 'function') {
    throw new Error('The module exports no memory or no _start.');
  }
  // A hello does not grow the memory.
  memory.buffer = own.buffer;
  const image = new Uint8Array(memory.buffer).slice();
  return () => {
    written = [];
    new Uint8Array(memory.buffer).set(image);
    start();
    return Buffer.concat(written);
  };
}
