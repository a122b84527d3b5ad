/** Distinguishes files written by a build from files saved by the author, to prevent build loops. */

/** A file that changed during so many builds in a row is written by the build. */
const BUILDS = 3;

export class BuildWrites {
  /** During how many of the last builds each file changed. */
  readonly #counts = new Map<string, number>();
  #changed = new Set<string>();
  readonly #written = new Set<string>();

  /**
   * Changes that were seen while a build ran, or just after. Returns those that want another build.
   *
   * @param onWritten called once for each file that is taken for the build's own
   */
  duringBuild(paths: readonly string[], onWritten: (path: string) => void): string[] {
    return paths.filter((path) => {
      if (this.#written.has(path)) return false;
      const isNew = !this.#changed.has(path);
      this.#changed.add(path);
      const count = (this.#counts.get(path) ?? 0) + (isNew ? 1 : 0);
      this.#counts.set(path, count);
      if (count < BUILDS) return true;
      this.#written.add(path);
      onWritten(path);
      return false;
    });
  }

  /** A build begins: a file that did not change during the one before starts from zero. */
  begin(): void {
    for (const path of this.#counts.keys()) {
      if (!this.#changed.has(path)) this.#counts.delete(path);
    }
    this.#changed = new Set();
  }
}
