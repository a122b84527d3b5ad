/**
 * The process that strangers' modules and policies are checked in. It holds no secret, opens no file, and may be
 * killed at any time: a module that makes the compiler spin, swell or crash harms this process alone. Modules come by
 * standard input, and go back by standard output.
 */
import {
  checkModule,
  compile,
  InputError,
  inspect,
  meter,
  parsePolicy,
} from '../../../olin/index.ts';
import type { VersionReport } from '../../db/handlers/versions.ts';
import { giveBytes, takeBytes } from './bytes.ts';
import { compileWith } from './tiers.ts';
import type { CheckReply, CheckRequest } from './messages.ts';

process.on('message', (request: CheckRequest) => void answer(request));
process.on('disconnect', () => process.exit(0));
send({ kind: 'ready' });

async function answer(request: CheckRequest): Promise<void> {
  try {
    if (request.kind === 'policy') {
      const { ramPageLimit, gasLimit } = parsePolicy(request.text);
      return send({ kind: 'policy', policy: { ramPageLimit, gasLimit } });
    }
    const bytes = await takeBytes(process.stdin, request.bytes);
    if (request.kind === 'compile') {
      compileWith(request.tier, bytes);
      return send({ kind: 'compiled' });
    }
    const report = await checkBytes(bytes);
    const metered = meter(bytes);
    send({ kind: 'module', report, meteredBytes: metered.length });
    await giveBytes(process.stdout, metered);
  } catch (error) {
    if (error instanceof InputError) {
      const { code, message, line, column } = error;
      return send({ kind: 'refused', refused: { code, message, line, column } });
    }
    send({ kind: 'failed', message: error instanceof Error ? error.message : String(error) });
  }
}

function send(reply: CheckReply): void {
  process.send?.(reply);
}

/** Enough to compare two versions by; a module may have as many as it likes. */
const EXPORTS_KEPT = 64;
/** A name may be as long as its module; pages of versions show many. */
const NAME_CHARACTERS = 200;

async function checkBytes(bytes: Uint8Array<ArrayBuffer>): Promise<VersionReport> {
  const report = inspect(bytes);
  checkModule(report);
  const { plan } = await compile(bytes);
  return {
    // One may be imported thousands of times.
    imports: [...new Set(report.imports.map(({ module, name }) => `${module}.${name}`))],
    exports: report.exports.slice(0, EXPORTS_KEPT).map(({ name }) => storable(name)),
    // Its tables too: what a run is admitted with.
    memoryPages: plan.initialPages,
    functions: report.functions,
    features: report.features,
  };
}

/** As the database keeps it: no NUL, no half of a pair. */
function storable(name: string): string {
  const cut = name.length > NAME_CHARACTERS ? `${name.slice(0, NAME_CHARACTERS)}…` : name;
  return cut.replaceAll('\0', '\uFFFD').toWellFormed();
}
