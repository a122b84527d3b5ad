/**
 * The process in which untrusted modules and policies are checked. It contains no secrets, opens no files, and may be
 * killed at any time: a module that makes the compiler loop, exhaust memory or crash harms only this process. Modules
 * arrive on standard input and are returned on standard output.
 */
import { InputError, parsePolicy, prepareModule } from '../../../olin/index.ts';
import { readBytes, writeBytes } from './bytes.ts';
import { checkBytes } from './check-bytes.ts';
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
    const bytes = await readBytes(process.stdin, request.bytes);
    if (request.kind === 'compile') {
      compileWith(request.tier, bytes);
      return send({ kind: 'compiled' });
    }
    const report = await checkBytes(bytes);
    const { metered, image } = prepareModule(bytes);
    send({ kind: 'module', report, meteredBytes: metered.length, imageBytes: image?.length });
    await writeBytes(process.stdout, metered);
    if (image !== undefined) await writeBytes(process.stdout, image);
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
