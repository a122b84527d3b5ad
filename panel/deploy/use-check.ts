/** Uploads the chosen module for a check; nothing is stored. */
import { useEffect, useState } from 'preact/hooks';
import { isAbort, take, type ApiLimits, type ApiModuleReport } from '../../client/index.ts';
import { api } from '../api.ts';
import { formatBytes } from '../../olin/quantities.ts';
import { asError } from '../components/resource.tsx';
import { uploadWith, type UploadProgress } from './upload.ts';

export type Checked =
  | { readonly state: 'none' }
  | { readonly state: 'checking'; readonly progress: UploadProgress | undefined }
  | { readonly state: 'refused'; readonly error: Error }
  /** `module` has the bytes that were checked, even if the file has changed since. */
  | { readonly state: 'accepted'; readonly report: ApiModuleReport; readonly module: Blob };

/** @param round a change repeats the check */
export function useCheck(
  file: File | undefined,
  limits: ApiLimits | undefined,
  round: number,
): Checked {
  const [checked, setChecked] = useState<Checked>({ state: 'none' });
  useEffect(() => {
    if (file === undefined || limits === undefined) {
      setChecked({ state: 'none' });
      return;
    }
    const ending = new AbortController();
    const update = (next: Checked): void => {
      if (!ending.signal.aborted) setChecked(next);
    };
    update({ state: 'checking', progress: undefined });
    check(file, limits, ending.signal, (progress) => update({ state: 'checking', progress })).then(
      update,
      (error: unknown) => isAbort(error) || update({ state: 'refused', error: asError(error) }),
    );
    return () => ending.abort();
  }, [file, limits, round]);
  return checked;
}

/** A file larger than this multiple of the module limit is not read, because debug sections alone are hardly that large. */
const MAX_WITH_DEBUG = 16;

function tooLarge(size: number, maxBytes: number): Error {
  return new Error(
    `The module has ${formatBytes(size)}; your tier allows ${formatBytes(maxBytes)}. Build it with -O2.`,
  );
}

/**
 * Removes debug sections, as `trisiel deploy` does. A file that is not a module is sent unchanged, so that the server
 * reports the error.
 */
async function withoutDebugSections(
  bytes: Uint8Array<ArrayBuffer>,
): Promise<Uint8Array<ArrayBuffer>> {
  const { dropDebugSections, InputError } = await import('../../olin/index.ts');
  try {
    return dropDebugSections(bytes);
  } catch (error) {
    if (error instanceof InputError) return bytes;
    throw error;
  }
}

async function check(
  file: File,
  limits: ApiLimits,
  signal: AbortSignal,
  onProgress: (progress: UploadProgress) => void,
): Promise<Checked> {
  const maxBytes = limits.limits.find(({ name }) => name === 'moduleBytes')?.limit;
  if (maxBytes !== undefined && file.size > maxBytes * MAX_WITH_DEBUG) {
    throw tooLarge(file.size, maxBytes);
  }
  const read = await file.arrayBuffer().catch(() => {
    throw new Error(
      'The file cannot be read. It may be a folder, or it was deleted. Choose a file again.',
    );
  });
  const bytes = await withoutDebugSections(new Uint8Array(read));
  if (maxBytes !== undefined && bytes.length > maxBytes) throw tooLarge(bytes.length, maxBytes);
  const module = new Blob([bytes], { type: 'application/wasm' });
  const report = await take(
    api.POST('/api/modules/check', {
      body: module,
      headers: { 'content-type': 'application/wasm' },
      fetch: uploadWith(onProgress),
      signal,
    }),
  );
  return { state: 'accepted', report, module };
}
