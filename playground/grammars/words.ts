/** A list of words as a list. */
export function words(text: string): string[] {
  return text.trim().split(/\s+/);
}
