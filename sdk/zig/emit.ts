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
  for (const { name, doc, params, result, returns } of all) {
    const list = params.map((param) => `${param.name}: ${TYPES[param.type]}`).join(', ');
    const returned = returns ? (result ?? 'void') : 'noreturn';
    lines.push('', `/// ${doc}`, `pub extern "cwa" fn ${name}(${list}) ${returned};`);
  }
  return `${lines.join('\n')}\n`;
}
