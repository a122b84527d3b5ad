/** Builds a request from command-line arguments. */
import { InputError } from '../../olin/index.ts';

/**
 * @param target `GET /path?query`, or a path alone: then GET, or POST where there is a body
 * @param option what it was given by, for the sentence that refuses it
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
