/** Opens the configured store. */
import { dataPaths, type Config } from '../config.ts';
import { openFileStore } from './files.ts';
import { openS3Store } from './s3.ts';
import type { ObjectStore } from './store.ts';

/** @param isReadOnly whether this process only reads modules and may lack write access */
export function openStore(config: Config, { isReadOnly = false } = {}): ObjectStore {
  return config.s3 === undefined
    ? openFileStore(dataPaths(config).modules, { isReadOnly })
    : openS3Store(config.s3);
}
