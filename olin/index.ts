/** The public interface of the runtime. Other rooms import only this file and the two platforms. */
export { compile, checkModule, type CompiledModule, type RunnableModule } from './module/module.ts';
export { dropDebugSections } from './module/debug-sections.ts';
export { startAt } from './module/entry.ts';
export { loadMetered, toRunnable, type LoadedCode } from './module/load.ts';
export { prepareModule, type PreparedModule } from './module/prepare.ts';
export { run } from './run/run.ts';
export { FileTree, type GivenFile, type Preopen } from './files/file-tree.ts';
export { packFiles, type PackedFiles } from './files/packed-files.ts';
export { FILE_BOUNDS } from './files/file-bounds.ts';
export { Stop } from './run/stop.ts';
export { serve } from './cgi/serve.ts';
export { answer, type CgiOutcome, type CgiExchange } from './cgi/answer.ts';
export type { ReplyEvents, ReplyHead } from './cgi/reply.ts';
export {
  decide,
  DEFAULT_POLICY,
  parsePolicy,
  type Policy,
  type PolicyRule,
} from './policy/policy.ts';
export { explainPolicy, type PolicyExplanation } from './policy/explain.ts';
export {
  COST,
  FREE,
  FREE_LOCALS,
  INSTRUCTION_RATES,
  inspect,
  LOCALS_PER_GAS,
  meter,
  MAX_PROFILED,
  METER_VERSION,
  SIZE_RATES,
  type InstructionRate,
  type MeterOptions,
  type ModuleReport,
  type SizeRate,
} from './wasm/index.ts';
export { NAMESPACES, FUNCTIONS, IMPORT_MODULES } from './abi/index.ts';
export { UNSUPPORTED_WASI, WASI_FUNCTIONS, WASI_MODULE } from './abi/wasi/index.ts';
export {
  wireParams,
  wireResults,
  type AbiFunction,
  type Namespace,
  type Param,
} from './abi/declare.ts';
export {
  Scheduler,
  SchedulerFull,
  type SchedulerOptions,
  type Ticket,
} from './scheduler/scheduler.ts';
export { SCHEMES } from './schemes/index.ts';
export { DEFAULT_LIMITS } from './limits.ts';
export { CALL_BOUNDS, CALL_RATES, type CallRate } from './run/call-cost.ts';
export { ERRORS, InputError, type ErrorName, type InputErrorCode } from './errors.ts';
export {
  openSnapshot,
  SNAPSHOT_HOOK,
  SnapshotError,
  SnapshotSource,
  type SnapshotLimits,
  type SnapshotResult,
} from './snapshot/snapshot.ts';
export { nearest } from './nearest.ts';
export { VERSION } from './version.ts';
export type * from './types.ts';
