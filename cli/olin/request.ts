/** Builds a request from command-line arguments. */
import { InputError } from '../../olin/index.ts';

/**
 * Throws an InputError if the target or a header is malformed.
 * @param target `GET /path?query`, or a path alone: then GET, or POST if the body is given as a value
 * @param option the name of the option, for the error
 */
export function parseRequest(
  target: string,
  headerLines: readonly string[],
  body: string | Uint8Array<ArrayBuffer> | (() => string | ReadableStream<Uint8Array>),
  option = '--cgi',
): Request {
  const match = /^(?:([A-Za-z]+)\s+)?(\/\S*)$/.exec(target.trim());
  if (match === null) {
    throw new InputError(
      'bad-request',
      `${option} is "${target}"; write a method and a path, such as 'GET /hello?name=Ada'.`,
    );
  }
  const [, method = typeof body === 'function' ? 'GET' : 'POST', path = '/'] = match;
  const headers = new Headers();
  for (const line of headerLines) {
    const colon = line.indexOf(':');
    if (colon < 1) {
      throw new InputError('bad-request', `--header is "${line}"; write it as 'Name: value'.`);
    }
    headers.append(line.slice(0, colon).trim(), line.slice(colon + 1).trim());
  }
  const bodiless = /^(GET|HEAD)$/i.test(method);
  return new Request(`http://localhost${path}`, {
    method: method.toUpperCase(),
    headers,
    ...(bodiless ? {} : { body: typeof body === 'function' ? body() : body, duplex: 'half' }),
  });
}
