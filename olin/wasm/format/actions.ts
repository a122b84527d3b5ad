/** The actions of the scan at each opcode, besides skipping its immediates. */
import { SIZE_RATES } from '../cost.ts';
import { KIND_OF, SLOT } from './opcodes.ts';

const slot = (name: string): number => SLOT.get(name) ?? -1;

/** The actions of the scan. */
export const ACTION = {
  nothing: 0,
  open: 1,
  loop: 2,
  if: 3,
  else: 4,
  catch: 5,
  end: 6,
  delegate: 7,
  branch: 8,
  branchIf: 9,
  branchTable: 10,
  unreachableAfter: 11,
  function: 12,
  callOther: 13,
  local: 14,
  global: 15,
  tryTable: 16,
  refused: 17,
  sized: 18,
  return: 19,
  changesState: 20,
} as const;

const NAMES: readonly (readonly [action: number, names: string])[] = [
  [ACTION.open, 'block try'],
  [ACTION.loop, 'loop'],
  [ACTION.if, 'if'],
  [ACTION.else, 'else'],
  [ACTION.catch, 'catch catch_all'],
  [ACTION.end, 'end'],
  [ACTION.delegate, 'delegate'],
  [ACTION.branch, 'br'],
  [ACTION.branchIf, 'br_if br_on_null br_on_non_null br_on_cast br_on_cast_fail'],
  [ACTION.branchTable, 'br_table'],
  [
    ACTION.unreachableAfter,
    'unreachable throw rethrow throw_ref return_call_indirect return_call_ref',
  ],
  [ACTION.return, 'return'],
  [ACTION.function, 'call return_call ref.func'],
  [ACTION.callOther, 'call_indirect call_ref'],
  [ACTION.local, 'local.get local.set local.tee'],
  [ACTION.global, 'global.get global.set'],
  [ACTION.tryTable, 'try_table'],
  // They change state that renewing an instance does not restore.
  [ACTION.changesState, 'table.set elem.drop data.drop'],
  // They would block the host's thread, not only the guest.
  [ACTION.refused, 'memory.atomic.wait32 memory.atomic.wait64'],
  [ACTION.sized, SIZE_RATES.flatMap(({ instructions }) => instructions).join(' ')],
];

/** The action of each opcode, by slot: a value of {@link ACTION}, `nothing` for most. */
export const ACTION_OF = new Uint8Array(KIND_OF.length);
for (const [action, names] of NAMES) {
  for (const name of names.split(' ')) ACTION_OF[slot(name)] = action;
}

export const OP = {
  unreachable: slot('unreachable'),
  catch: slot('catch'),
  try: slot('try'),
  tryTable: slot('try_table'),
  else: slot('else'),
  end: slot('end'),
  delegate: slot('delegate'),
  if: slot('if'),
  loop: slot('loop'),
  returnCall: slot('return_call'),
  returnCallIndirect: slot('return_call_indirect'),
  returnCallRef: slot('return_call_ref'),
  call: slot('call'),
  refFunc: slot('ref.func'),
  castBranch: slot('br_on_cast'),
  castBranchFail: slot('br_on_cast_fail'),
  throw: slot('throw'),
  memoryInit: slot('memory.init'),
  memoryCopy: slot('memory.copy'),
  memoryFill: slot('memory.fill'),
  memoryGrow: slot('memory.grow'),
  tableCopy: slot('table.copy'),
  tableFill: slot('table.fill'),
  tableGrow: slot('table.grow'),
  tableInit: slot('table.init'),
} as const;
