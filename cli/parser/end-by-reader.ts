/** Exits quietly if the reader of the output closes the pipe, as `head` does. */

export function endByReader(streams: readonly NodeJS.WriteStream[]): void {
  for (const stream of streams) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      // Later writes fail with ERR_STREAM_DESTROYED.
      if (error.code === 'EPIPE' || error.code === 'ERR_STREAM_DESTROYED') process.exit(0);
      // The terminal was closed.
      if (error.code === 'EIO') process.exit(1);
      throw error;
    });
  }
}
