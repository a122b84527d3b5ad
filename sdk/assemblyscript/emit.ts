import { NOTICE, type Binding, type WireType } from '../bindings.ts';

const TYPES: Record<WireType, string> = {
  address: 'usize',
  output: 'usize',
  size: 'i32',
  i32: 'i32',
  u32: 'u32',
};

export function emit(all: readonly Binding[]): string {
  const lines = NOTICE.map((line) => `// ${line}`);
  for (const { name, doc, params, result } of all) {
    const list = params.map((param) => `${param.name}: ${TYPES[param.type]}`).join(', ');
    lines.push('', `/** ${doc} */`, `@external("cwa", "${name}")`);
    lines.push(`export declare function ${name}(${list}): ${result ?? 'void'};`);
  }
  return `${lines.join('\n')}\n`;
}
