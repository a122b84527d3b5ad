/** Reads paginated lists of the API. */

interface Page<Item> {
  readonly items: readonly Item[];
  readonly next: string | null;
}

/** Maximum page size. */
export const PAGE_ITEMS = 100;

/**
 * Reads pages until the last one, or until there are enough items.
 * @param maxItems the number of items to return at most
 */
export async function collect<Item>(
  readPage: (cursor: string | undefined) => Promise<Page<Item>>,
  maxItems = Number.POSITIVE_INFINITY,
): Promise<Item[]> {
  const all: Item[] = [];
  let cursor: string | undefined;
  do {
    const page = await readPage(cursor);
    all.push(...page.items);
    cursor = page.next ?? undefined;
  } while (cursor !== undefined && all.length < maxItems);
  return all.length > maxItems ? all.slice(0, maxItems) : all;
}
