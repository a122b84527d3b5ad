/**
 * The process that strangers' modules and policies are checked in. It holds no secret, opens no file, and may be
 * killed at any time: a module that makes the compiler spin or swell harms this process alone.
 */
import {
  checkModule,
  compile,
  InputError,
  inspect,
  meter,
  parsePolicy,
} from '../../../olin/index.ts';
import type { CheckedModule, CheckReply, CheckRequest } from './messages.ts';

process.on('message', (request: CheckRequest) => {
  void check(request).then((reply) => process.send?.(reply));
});
process.on('disconnect', () => process.exit(0));
process.send?.({ kind: 'ready' } satisfies CheckReply);

async function check(request: CheckRequest): Promise<CheckReply> {
  const { id } = request;
  try {
    if (request.kind === 'policy') {
      const { ramPageLimit, gasLimit } = parsePolicy(request.text);
      return { id, kind: 'policy', policy: { ramPageLimit, gasLimit } };
    }
    return { id, kind: 'module', module: await checkBytes(Uint8Array.from(request.bytes)) };
  } catch (error) {
    if (error instanceof InputError) {
      const { code, message, line, column } = error;
      return { id, kind: 'refused', refused: { code, message, line, column } };
    }
    return { id, kind: 'failed', message: error instanceof Error ? error.message : String(error) };
  }
}

/** Enough to compare two versions by; a module may have as many as it likes. */
const EXPORTS_KEPT = 64;

async function checkBytes(bytes: Uint8Array): Promise<CheckedModule> {
  const report = inspect(bytes);
  checkModule(report);
  await compile(bytes);
  return {
    metered: meter(bytes),
    report: {
      imports: report.imports.map(({ module, name }) => `${module}.${name}`),
      exports: report.exports.slice(0, EXPORTS_KEPT).map(({ name }) => name),
      memoryPages: report.memories.reduce((sum, { min }) => sum + min, 0),
      functions: report.functions,
      features: report.features,
    },
  };
}
