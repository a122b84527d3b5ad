/** Reads paginated lists of the API. */

interface Page<Item> {
  readonly items: readonly Item[];
  readonly next: string | null;
}

/** Maximum page size. */
export const PAGE_ITEMS = 100;

/** @param most items; undefined: all of them */
export async function collect<Item>(
  ask: (cursor: string | undefined) => Promise<Page<Item>>,
  most = Number.POSITIVE_INFINITY,
): Promise<Item[]> {
  const all: Item[] = [];
  let cursor: string | undefined;
  do {
    const page = await ask(cursor);
    all.push(...page.items);
    cursor = page.next ?? undefined;
  } while (cursor !== undefined && all.length < most);
  return all.length > most ? all.slice(0, most) : all;
}
