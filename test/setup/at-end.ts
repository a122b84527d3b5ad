/** Undoing what a test began. */
import type { TestContext } from 'node:test';

type Undo = () => unknown;

const undos = new WeakMap<TestContext, Undo[]>();

/**
 * Undoes something when the test ends: the last that was begun comes first, as it may stand on what was begun before
 * it. All are undone, whichever fails; the first failure is the test's. (`t.after` goes the other way, and stops at a
 * failure: what is left then keeps the process alive.)
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
