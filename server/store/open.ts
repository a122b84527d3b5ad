/** The store that the configuration names. */
import { dataPaths, type Config } from '../config.ts';
import { openFileStore } from './files.ts';
import { openS3Store } from './s3.ts';
import type { ObjectStore } from './store.ts';

export function openStore(config: Config): ObjectStore {
  return config.s3 === undefined
    ? openFileStore(dataPaths(config).modules)
    : openS3Store(config.s3);
}
