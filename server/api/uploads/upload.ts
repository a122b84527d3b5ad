/** Reads and checks an uploaded module: the raw body, or the part of a form. */
import type { FastifyRequest } from 'fastify';
import { DEFAULT_POLICY } from '../../../olin/index.ts';
import { ProblemError } from '../../problems/problems.ts';
import type { Caller } from '../auth/caller.ts';
import type { Services } from '../services.ts';
import { givenBytes, tooLarge } from './upload-gate.ts';
import type { CheckedModule } from '../module-check/messages.ts';

export interface TakenModule {
  readonly bytes: Uint8Array;
  readonly checked: CheckedModule;
}

/** Reads and checks the module of a request. Throws a problem if it is refused. */
export async function takeModule(
  services: Services,
  user: Caller,
  request: FastifyRequest,
): Promise<TakenModule> {
  const bytes = await readModule(request, user.limits.moduleBytes);
  return { bytes, checked: await checkUpload(services, user, bytes) };
}

/** Checks a module. Throws a `module-refused` problem if it is invalid or needs more memory than the tier allows. */
export async function checkUpload(
  { validator, metrics }: Services,
  user: Caller,
  bytes: Uint8Array,
): Promise<CheckedModule> {
  const refuse = (error: unknown): never => {
    metrics.onUpload('refused');
    throw error;
  };
  const checked = await validator.checkModule(user.id, bytes).catch(refuse);
  const { memoryPages } = user.limits;
  if (checked.report.memoryPages > memoryPages) {
    refuse(
      new ProblemError(
        'module-refused',
        `The module starts with ${checked.report.memoryPages} pages of memory; your tier allows ${memoryPages} pages of 64 KiB. Lower its initial memory.`,
      ),
    );
  }
  return checked;
}

/**
 * Throws `module-refused` if the module starts with more memory than the handler's policy allows: each run would fail.
 * @param policy null: the default policy
 */
export async function checkMemory(
  { policies }: Services,
  user: Caller,
  { report: { memoryPages } }: CheckedModule,
  policy: string | null,
): Promise<void> {
  const { ramPageLimit } =
    policy === null ? DEFAULT_POLICY : await policies.checkPolicy(user.id, policy);
  if (memoryPages <= ramPageLimit) return;
  const whose = policy === null ? 'without a policy' : 'by its policy';
  throw new ProblemError(
    'module-refused',
    `The module starts with ${memoryPages} pages of memory; ${whose} a run has ${ramPageLimit} pages of 64 KiB. Set ram-page-limit ${memoryPages + 16} or more in the policy, or build the module with a smaller stack: C and Zig reserve 256 pages unless told otherwise.`,
  );
}

/** @param maxBytes the maximum size by the user's tier */
export async function readModule(request: FastifyRequest, maxBytes: number): Promise<Uint8Array> {
  const bytes = request.isMultipart() ? await readPart(request, maxBytes) : request.body;
  if (!(bytes instanceof Uint8Array)) {
    throw new ProblemError(
      'unsupported-media-type',
      'Send a module as application/wasm, or as the part module of multipart/form-data.',
    );
  }
  if (bytes.length > maxBytes) throw tooLarge(maxBytes, bytes.length);
  return bytes;
}

async function readPart(
  request: FastifyRequest,
  maxBytes: number,
): Promise<Uint8Array | undefined> {
  let module: Uint8Array | undefined;
  try {
    for await (const part of request.parts({ limits: { fileSize: maxBytes } })) {
      if (part.fieldname !== 'module' || part.type !== 'file' || module !== undefined)
        throw refusePart(part.fieldname);
      module = await part.toBuffer();
    }
  } catch (error) {
    if (error instanceof ProblemError) throw error;
    if (error instanceof Error && 'code' in error && error.code === 'FST_REQ_FILE_TOO_LARGE')
      throw tooLarge(maxBytes, givenBytes(request));
    throw new ProblemError(
      'malformed-body',
      'The form cannot be read: it is incomplete or not multipart/form-data.',
    );
  }
  if (module === undefined) throw refusePart(undefined);
  return module;
}

function refusePart(name: string | undefined): ProblemError {
  const found = name === undefined ? 'missing' : 'a part of another name, or a second one';
  return new ProblemError('invalid-request', 'The form must have one part, a file named module.', {
    errors: [{ field: 'body', found, allowed: 'one file named module' }],
  });
}
