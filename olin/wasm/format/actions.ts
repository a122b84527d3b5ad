/** The actions of the scan at each opcode, besides skipping its immediates. */
import { SIZE_RATES } from '../cost.ts';
import { KIND_OF, SLOT } from './opcodes.ts';

const slot = (name: string): number => SLOT.get(name) ?? -1;

/** What the scan does at an opcode. */
export const DOES = {
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
  leave: 11,
  function: 12,
  callOther: 13,
  local: 14,
  global: 15,
  tryTable: 16,
  refused: 17,
  sized: 18,
  return: 19,
  lasting: 20,
} as const;

const NAMES: readonly (readonly [does: number, names: string])[] = [
  [DOES.open, 'block try'],
  [DOES.loop, 'loop'],
  [DOES.if, 'if'],
  [DOES.else, 'else'],
  [DOES.catch, 'catch catch_all'],
  [DOES.end, 'end'],
  [DOES.delegate, 'delegate'],
  [DOES.branch, 'br'],
  [DOES.branchIf, 'br_if br_on_null br_on_non_null br_on_cast br_on_cast_fail'],
  [DOES.branchTable, 'br_table'],
  [DOES.leave, 'unreachable throw rethrow throw_ref return_call_indirect return_call_ref'],
  [DOES.return, 'return'],
  [DOES.function, 'call return_call ref.func'],
  [DOES.callOther, 'call_indirect call_ref'],
  [DOES.local, 'local.get local.set local.tee'],
  [DOES.global, 'global.get global.set'],
  [DOES.tryTable, 'try_table'],
  // They change state that renewing an instance does not restore.
  [DOES.lasting, 'table.set elem.drop data.drop'],
  // They would block the host's thread, not only the guest.
  [DOES.refused, 'memory.atomic.wait32 memory.atomic.wait64'],
  [DOES.sized, SIZE_RATES.flatMap(({ instructions }) => instructions).join(' ')],
];

/** The action of each opcode, by slot: a value of {@link DOES}, `nothing` for most. */
export const DOES_OF = new Uint8Array(KIND_OF.length);
for (const [does, names] of NAMES) {
  for (const name of names.split(' ')) DOES_OF[slot(name)] = does;
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
