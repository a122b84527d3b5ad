/** Distinguishes files written by a build from files saved by the author, to prevent build loops. */

/** A file that changed during this many consecutive builds is considered written by the build. */
const BUILDS = 3;

export class BuildWrites {
  /** The number of consecutive builds during which each file changed. */
  readonly #counts = new Map<string, number>();
  #changed = new Set<string>();
  readonly #written = new Set<string>();

  /**
   * Records changes seen during a build or just after it. Returns those that require another build.
   *
   * @param onWritten called once for each file that is considered written by the build
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

  /** Call when a build begins. Resets the counts of files that did not change during the previous build. */
  begin(): void {
    for (const path of this.#counts.keys()) {
      if (!this.#changed.has(path)) this.#counts.delete(path);
    }
    this.#changed = new Set();
  }
}
