/** Ends the process when whoever reads its output has seen enough, as `head` does: no error, and no stack trace. */

export function endByReader(streams: readonly NodeJS.WriteStream[]): void {
  for (const stream of streams) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      // ERR_STREAM_DESTROYED is what comes of a write after that.
      if (error.code === 'EPIPE' || error.code === 'ERR_STREAM_DESTROYED') process.exit(0);
      // A terminal that was closed.
      if (error.code === 'EIO') process.exit(1);
      throw error;
    });
  }
}
