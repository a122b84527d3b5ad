import type { Execution } from '../../client/index.ts';

/** `GET /items?page=2`: without the part of the path that only says whose it is. */
export function requestLine({ method, path, handler }: Execution): string {
  const own = `/run/${handler}`;
  const rest = path === own || path.startsWith(`${own}/`) ? path.slice(own.length) : path;
  return `${method} ${rest === '' ? '/' : rest}`;
}
