/** The binary format: what a module is, and the module with metering woven in. */
export { inspect } from './inspect.ts';
export type {
  CustomSectionReport,
  Described,
  ExportReport,
  ImportReport,
  MemoryReport,
  ModuleReport,
} from './inspect.ts';
