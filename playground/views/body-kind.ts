/** Selects how a body is displayed from its content type. */

export type BodyKind = 'text' | 'json' | 'html' | 'image' | 'bytes';

/** `type` is a Content-Type, or undefined for a program's output. */
export function bodyKind(type: string | undefined): BodyKind {
  const [name = ''] = (type ?? 'text/plain').toLowerCase().split(';');
  const essence = name.trim();
  if (essence === 'application/json' || essence.endsWith('+json')) return 'json';
  if (essence === 'text/html' || essence === 'application/xhtml+xml') return 'html';
  if (essence.startsWith('image/')) return 'image';
  if (
    essence.startsWith('text/') ||
    /[/+](xml|javascript|yaml|x-www-form-urlencoded)$/.test(essence)
  ) {
    return 'text';
  }
  return 'bytes';
}
