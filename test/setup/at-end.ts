/** Cleaning up after a test. */
import type { TestContext } from 'node:test';

type Undo = () => unknown;

const undos = new WeakMap<TestContext, Undo[]>();

/**
 * Calls functions when the test ends, the last registered one first, since it may depend on earlier ones. All are
 * called even if one fails; the first failure fails the test. (`t.after` calls them in the other order and stops at a
 * failure, so that what remains keeps the process alive.)
 */
export function atEnd(t: TestContext, undo: Undo): void {
  const known = undos.get(t);
  if (known !== undefined) {
    known.push(undo);
    return;
  }
  const all = [undo];
  undos.set(t, all);
  t.after(async () => {
    const failures: unknown[] = [];
    for (let last = all.pop(); last !== undefined; last = all.pop()) {
      try {
        await last();
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw failures[0];
  });
}
