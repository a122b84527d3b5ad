/** Errors of file calls, by the names of POSIX, which the WASI functions convert to numbers. */

export type FileErrorCode =
  | 'badf'
  | 'busy'
  | 'exist'
  | 'fbig'
  | 'ilseq'
  | 'inval'
  | 'isdir'
  | 'loop'
  | 'mfile'
  | 'nametoolong'
  | 'noent'
  | 'nospc'
  | 'notdir'
  | 'notempty'
  | 'notsup'
  | 'perm'
  | 'rofs'
  | 'xdev';

export class FileError extends Error {
  readonly code: FileErrorCode;

  constructor(code: FileErrorCode) {
    super(code);
    this.name = 'FileError';
    this.code = code;
  }
}
