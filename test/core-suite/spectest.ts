/** The module `spectest` that the files of the suite import. */

const print = () => {};

export function spectest(): WebAssembly.ModuleImports {
  return {
    print,
    print_i32: print,
    print_i64: print,
    print_f32: print,
    print_f64: print,
    print_i32_f32: print,
    print_f64_f64: print,
    global_i32: new WebAssembly.Global({ value: 'i32' }, 666),
    global_i64: new WebAssembly.Global({ value: 'i64' }, 666n),
    global_f32: new WebAssembly.Global({ value: 'f32' }, 666.6),
    global_f64: new WebAssembly.Global({ value: 'f64' }, 666.6),
    table: new WebAssembly.Table({ element: 'anyfunc', initial: 10, maximum: 20 }),
    table64: table64(),
    memory: new WebAssembly.Memory({ initial: 1, maximum: 2 }),
  };
}

/** A 64-bit table. It is exported by a module, because the declared JavaScript types lack it. */
function table64(): WebAssembly.ExportValue {
  const module = new WebAssembly.Module(
    Uint8Array.of(
      0,
      0x61,
      0x73,
      0x6d,
      1,
      0,
      0,
      0,
      4,
      5,
      1,
      0x70,
      5,
      10,
      20,
      7,
      5,
      1,
      1,
      0x74,
      1,
      0,
    ),
  );
  const { t } = new WebAssembly.Instance(module).exports;
  if (t === undefined) throw new TypeError('no table');
  return t;
}
