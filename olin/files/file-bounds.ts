/** Limits of file calls, and what files cost their guest in memory of the host. */
export const FILE_BOUNDS = {
  /** Bytes of a path, and of the target of a symbolic link. */
  pathBytes: 4096,
  /** Bytes of one name in a directory. */
  nameBytes: 255,
  /** Symbolic links followed by one call. */
  links: 40,
  /** Files, directories and symbolic links that one run may create in a directory that it was given. */
  nodes: 16_384,
  /** Size of a file. A hole takes no memory, so a file may be larger than the memory of its run. */
  fileBytes: 2 ** 40,
} as const;

/** Approximate overhead in host memory, in bytes. */
export const FILE_COST = {
  file: 512,
  directory: 1024,
  link: 512,
  /** Memory of a piece of a file's contents, in addition to its bytes. */
  piece: 256,
  /** An entry of a directory, besides two bytes for each character of its name. */
  entry: 128,
} as const;
