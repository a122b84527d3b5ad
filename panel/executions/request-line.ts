import type { ApiExecution } from '../../client/index.ts';

/** Formats `GET /items?page=2`, without the path prefix that names the handler. */
export function requestLine({ method, path, handler }: ApiExecution): string {
  const prefix = `/run/${handler}`;
  const rest = path === prefix || path.startsWith(`${prefix}/`) ? path.slice(prefix.length) : path;
  return `${method} ${rest === '' ? '/' : rest}`;
}
