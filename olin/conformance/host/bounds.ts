/**
 * errors.md on InvalidArgument: pointers, lengths and descriptors that are not valid. The cases are generated from the
 * table of functions, so new functions are covered automatically.
 */
import { isRange, type AbiFunction, type Param } from '../../abi/declare.ts';
import { FUNCTIONS } from '../../abi/index.ts';
import type { ConformanceCase } from '../conform.ts';
import { guest } from '../guest.ts';

/** Ranges outside a memory of one page, as unsigned numbers. */
const OUTSIDE: readonly (readonly [base: number, length: number])[] = [
  [65_536, 1],
  [65_535, 2],
  [0, 65_537],
  [65_537, 0],
  [0xffff_ffff, 1],
  [1, 0xffff_ffff],
  [0xffff_ffff, 0xffff_ffff],
  [0x8000_0000, 0x8000_0000],
];
const NOT_OPEN = [0, -1, 77, 2_147_483_647, -2_147_483_648];
/** A valid descriptor. */
const STDOUT = 1;

type CallValues = ReadonlyMap<Param, readonly number[]>;

/** Values that are valid for every parameter: an empty range, the descriptor of standard output, 0. */
function validValues(fn: AbiFunction): CallValues {
  return new Map(
    fn.params.map((param) => [
      param,
      isRange(param.type) ? [0, 0] : param.name === 'fd' ? [STDOUT] : [0],
    ]),
  );
}

function writeCall(name: string, fn: AbiFunction, values: CallValues): string {
  const wire = [...values.values()].flat().map((value) => `#${value | 0}`);
  const call = `(call $${name} ${wire.join(' ')})`;
  return fn.result === undefined ? call : `(drop ${call})`;
}

/** The trace of that call: a range outside the memory is shown as two numbers, a readable text as text. */
function describeCall(name: string, fn: AbiFunction, values: CallValues, outside?: Param): string {
  const args = [...values].flatMap(([param, [first = 0, length = 0]]) => {
    if (!isRange(param.type)) return [`${param.name}=${first}`];
    if (param !== outside && param.type !== 'buffer') return [`${param.name}=""`];
    return [`${param.name}_base=${first}`, `${param.name}_len=${length}`];
  });
  return `${name}(${args.join(', ')})${fn.result === undefined ? '' : ' = -2'}`;
}

function rangeCase(name: string, fn: AbiFunction, outside: Param): ConformanceCase {
  const tries = OUTSIDE.map((range) => new Map([...validValues(fn), [outside, range]]));
  return {
    about: name,
    sentence: `${outside.name} outside the memory is InvalidArgument, and nothing is changed`,
    guest: guest(`(drop (call $io_get_stdout))
      ${tries.map((values) => writeCall(name, fn, values)).join('\n')}
      (call $show #0 #65536)`),
    given: () => ({ stdin: 'never read', env: { '': 'never read' } }),
    wants: {
      output: new Uint8Array(65_536),
      log: OUTSIDE.map(([base, length]) => [
        3,
        new RegExp(`^${name}: bytes ${base} to ${base + length} are outside the guest's memory`),
      ]),
      calls: [
        'io_get_stdout() = 1',
        ...tries.map((values) => describeCall(name, fn, values, outside)),
        'io_get_stdout() = 2',
        '*',
      ],
    },
  };
}

function descriptorCase(name: string, fn: AbiFunction, fd: Param): ConformanceCase {
  const tries = NOT_OPEN.map((value) => new Map([...validValues(fn), [fd, [value]]]));
  return {
    about: name,
    sentence: 'a descriptor that is not open is InvalidArgument, and nothing is changed',
    guest: guest(
      `${tries.map((values) => writeCall(name, fn, values)).join('\n')} (call $show #0 #65536)`,
    ),
    wants: {
      output: new Uint8Array(65_536),
      log: NOT_OPEN.map((value) => [3, `${name}: descriptor ${value} is not open.`]),
      calls: [...tries.map((values) => describeCall(name, fn, values)), 'io_get_stdout() = 1', '*'],
    },
  };
}

function withoutMemoryCase(): ConformanceCase {
  const ranged = [...FUNCTIONS].filter(([, fn]) => fn.params.some(({ type }) => isRange(type)));
  return {
    about: 'errors',
    sentence: 'if a module has no memory, every range of bytes is InvalidArgument',
    guest: guest(
      ranged
        .map(([name, fn]) => {
          const first = fn.params.find(({ type }) => isRange(type));
          const values = new Map(validValues(fn));
          if (first !== undefined) values.set(first, [0, 1]);
          return writeCall(name, fn, values);
        })
        .join('\n'),
      { memory: '' },
    ),
    wants: {
      log: ranged.map(([name]) => [3, new RegExp(`^${name}: bytes 0 to 1 are outside`)]),
    },
  };
}

const each = [...FUNCTIONS].flatMap(([name, fn]) => [
  ...fn.params.filter(({ type }) => isRange(type)).map((param) => rangeCase(name, fn, param)),
  // Closing one is fatal instead, as the specification says.
  ...fn.params
    .filter((param) => param.name === 'fd' && name !== 'resource_close')
    .map((param) => descriptorCase(name, fn, param)),
]);

export const bounds: readonly ConformanceCase[] = [...each, withoutMemoryCase()];
