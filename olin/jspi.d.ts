/** JavaScript Promise Integration, which TypeScript's libraries do not declare yet. */
declare namespace WebAssembly {
  /** An import that may return a promise; the guest is suspended until it settles. */
  const Suspending: undefined | (new (body: (...args: never[]) => unknown) => ImportValue);
  /** An export that returns a promise, so that imports below it may suspend. */
  const promising: undefined | ((body: Function) => (...args: unknown[]) => Promise<unknown>);
}
