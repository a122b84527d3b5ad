/** Reads an uploaded module: the body as it is, or the one part of a form. */
import type { FastifyRequest } from 'fastify';
import { ProblemError } from '../problems.ts';

/** @param mostBytes what the user’s tier allows */
export async function readModule(request: FastifyRequest, mostBytes: number): Promise<Uint8Array> {
  const tooLarge = new ProblemError(
    'too-large',
    `The module is larger than your tier allows, which is ${mostBytes} bytes. Build it with -O2 and without debug sections.`,
  );
  const bytes = request.isMultipart() ? await readPart(request, mostBytes, tooLarge) : request.body;
  if (!(bytes instanceof Uint8Array)) {
    throw new ProblemError(
      'unsupported-media-type',
      'A module is sent as application/wasm, or as the part module of multipart/form-data.',
    );
  }
  if (bytes.length > mostBytes) throw tooLarge;
  return bytes;
}

async function readPart(
  request: FastifyRequest,
  mostBytes: number,
  tooLarge: ProblemError,
): Promise<Uint8Array | undefined> {
  let module: Uint8Array | undefined;
  try {
    for await (const part of request.parts({ limits: { fileSize: mostBytes } })) {
      if (part.fieldname !== 'module' || part.type !== 'file' || module !== undefined)
        throw refusePart(part.fieldname);
      module = await part.toBuffer();
    }
  } catch (error) {
    if (error instanceof ProblemError) throw error;
    if (error instanceof Error && 'code' in error && error.code === 'FST_REQ_FILE_TOO_LARGE')
      throw tooLarge;
    throw new ProblemError(
      'malformed-body',
      'The form cannot be read: it was cut off, or is not multipart/form-data.',
    );
  }
  if (module === undefined) throw refusePart(undefined);
  return module;
}

function refusePart(name: string | undefined): ProblemError {
  const found =
    name === undefined ? 'missing' : `a part named ${JSON.stringify(name.slice(0, 60))}`;
  return new ProblemError('invalid-request', 'The form must have one part, a file named module.', {
    errors: [{ field: 'body', found, allowed: 'one file named module' }],
  });
}
