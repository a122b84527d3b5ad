/** Reads the form of a deployment: JSON, and a module unless an existing version is deployed. */
import type { FastifyRequest } from 'fastify';
import { ProblemError } from '../../problems/problems.ts';
import { givenBytes, JSON_BYTES, tooLarge } from './upload-gate.ts';

export interface UploadForm {
  /** Parsed JSON, not validated. */
  readonly deployment: unknown;
  readonly module: Uint8Array | undefined;
}

/**
 * Throws `unsupported-media-type` if the body is not a form, `too-large` if a part is too large, `malformed-body` if the form
 * or its JSON cannot be parsed, and `invalid-request` for missing, unknown or repeated parts.
 *
 * @param maxBytes the maximum size of the module, by the user's tier
 */
export async function readForm(request: FastifyRequest, maxBytes: number): Promise<UploadForm> {
  if (!request.isMultipart()) {
    throw new ProblemError(
      'unsupported-media-type',
      'Send a deployment as multipart/form-data, with the parts deployment (JSON) and module.',
    );
  }
  let deployment: unknown;
  let module: Uint8Array | undefined;
  try {
    const limits = { fileSize: maxBytes, fieldSize: JSON_BYTES };
    for await (const part of request.parts({ limits })) {
      if (part.fieldname === 'module' && part.type === 'file' && module === undefined) {
        module = await part.toBuffer();
      } else if (
        part.fieldname === 'deployment' &&
        part.type === 'field' &&
        deployment === undefined
      ) {
        if (part.valueTruncated) throw deploymentTooLarge();
        deployment = typeof part.value === 'string' ? JSON.parse(part.value) : part.value;
      } else throw refuseForm('a part of another name, or a second one');
    }
  } catch (error) {
    if (error instanceof ProblemError) throw error;
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'FST_REQ_FILE_TOO_LARGE') throw tooLarge(maxBytes, givenBytes(request));
    throw new ProblemError(
      'malformed-body',
      'The form cannot be read: it is incomplete, is not multipart/form-data, or its part deployment is not JSON.',
    );
  }
  if (deployment === undefined) throw refuseForm('no part deployment');
  return { deployment, module };
}

function refuseForm(found: string): ProblemError {
  return new ProblemError(
    'invalid-request',
    'The form must have a part deployment with JSON, and may have a part module with a file.',
    { errors: [{ field: 'body', found, allowed: 'the parts deployment and module, each once' }] },
  );
}

function deploymentTooLarge(): ProblemError {
  return new ProblemError(
    'too-large',
    `The part deployment is larger than ${JSON_BYTES} bytes. Set some of the configuration with PATCH /api/handlers/{handler}/config.`,
    { headers: { connection: 'close' } },
  );
}
