import type { ResultType } from '../../olin/abi/declare.ts';
import { NOTICE, type Binding, type WireType } from '../bindings.ts';

const TYPES: Record<WireType, string> = {
  address: 'const void *',
  output: 'void *',
  size: 'size_t ',
  i32: 'int32_t ',
  u32: 'uint32_t ',
};
const RESULTS: Record<ResultType, string> = {
  i32: 'int32_t',
  u32: 'uint32_t',
  i64: 'int64_t',
  u64: 'uint64_t',
};

export function emit(all: readonly Binding[]): string {
  const lines = [...NOTICE.map((line) => `// ${line}`), '', '#pragma once'];
  lines.push('', '#include <stddef.h>', '#include <stdint.h>', '');
  lines.push('#define CWA(name) __attribute__((import_module("cwa"), import_name(#name)))');
  for (const { name, doc, params, result, returns } of all) {
    const list = params.map((param) => `${TYPES[param.type]}${param.name}`).join(', ');
    const returned = `${returns ? '' : '_Noreturn '}${result === undefined ? 'void' : RESULTS[result]}`;
    lines.push('', `// ${doc}`, `CWA(${name}) ${returned} ${name}(${list || 'void'});`);
  }
  lines.push('', '#undef CWA');
  return `${lines.join('\n')}\n`;
}
