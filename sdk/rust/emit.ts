import { NOTICE, type Binding, type WireType } from '../bindings.ts';

const TYPES: Record<WireType, string> = {
  address: 'usize',
  output: 'usize',
  size: 'usize',
  i32: 'i32',
  u32: 'u32',
};

export function emit(all: readonly Binding[]): string {
  const lines = NOTICE.map((line) => `//! ${line}`);
  lines.push('', '#[link(wasm_import_module = "cwa")]', 'extern "C" {');
  all.forEach(({ name, doc, params, result, returns }, i) => {
    const list = params.map((param) => `${param.name}: ${TYPES[param.type]}`).join(', ');
    const returned = returns ? (result === undefined ? '' : ` -> ${result}`) : ' -> !';
    if (i > 0) lines.push('');
    lines.push(`    /// ${doc}`, `    pub fn ${name}(${list})${returned};`);
  });
  lines.push('}');
  return `${lines.join('\n')}\n`;
}
