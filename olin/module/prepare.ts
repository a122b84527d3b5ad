/** What is stored of a module, so that it can be loaded without being metered again. */
import { InputError } from '../errors.ts';
import { meter, splitModule, type MeterOptions } from '../wasm/index.ts';

export interface PreparedModule {
  /** The metered module; if there is an image, that of its code part, which other modules may share. */
  readonly metered: Uint8Array<ArrayBuffer>;
  /** What an instance begins with, if the module was split. */
  readonly image: Uint8Array<ArrayBuffer> | undefined;
}

/** Splits and meters a module. Deterministic; throws as `meter` does. */
export function prepareModule(bytes: Uint8Array): PreparedModule {
  const split = splitModule(bytes);
  const metered = split && meterCode(split.code, {});
  return split === undefined || metered === undefined
    ? { metered: meter(bytes), image: undefined }
    : { metered, image: split.image };
}

/** Meters the code part of a module. Returns undefined if it is refused, or if its instances cannot be given an image. */
export function meterCode(
  code: Uint8Array,
  options: MeterOptions,
): Uint8Array<ArrayBuffer> | undefined {
  try {
    return meter(code, { ...options, isCodePart: true });
  } catch (error) {
    if (error instanceof InputError) return undefined;
    throw error;
  }
}
