/** Bodies of forms: multipart/form-data (RFC 7578) and application/x-www-form-urlencoded. */
import { encodeText, joinBytes } from '../bytes.ts';
import { host } from '../host.ts';
import { crypto } from '../language/crypto.ts';
import { TextDecoder } from '../language/encoding.ts';
import { URLSearchParams } from '../url/search-params.ts';
import { bytesOf, File } from './blob.ts';
import { FormData } from './form-data.ts';

const CR = 0x0d;
const LF = 0x0a;
const DASH = 0x2d;
const END_OF_HEAD = Uint8Array.of(CR, LF, CR, LF);
/** As engines of browsers have it. */
const MAX_BOUNDARY = 70;

interface EncodedForm {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly type: string;
}

/** Encodes a form with a random boundary, which no author of a field knows. */
export function encodeForm(form: FormData): EncodedForm {
  const boundary = `----form-${crypto.randomUUID()}`;
  const parts: Uint8Array[] = [];
  for (const [name, value] of form) {
    let head = `--${boundary}\r\nContent-Disposition: form-data; name="${escape(withBreaks(name))}"`;
    if (typeof value === 'string') {
      parts.push(encodeText(`${head}\r\n\r\n${withBreaks(value)}\r\n`));
      continue;
    }
    head += `; filename="${escape(value.name)}"`;
    head += `\r\nContent-Type: ${value.type === '' ? 'application/octet-stream' : value.type}`;
    parts.push(encodeText(`${head}\r\n\r\n`), bytesOf(value), encodeText('\r\n'));
  }
  parts.push(encodeText(`--${boundary}--\r\n`));
  return { bytes: joinBytes(parts), type: `multipart/form-data; boundary=${boundary}` };
}

const withBreaks = (text: string): string => text.replaceAll(/\r\n|\r|\n/g, '\r\n');

const escape = (name: string): string =>
  name.replaceAll('\n', '%0A').replaceAll('\r', '%0D').replaceAll('"', '%22');

/** Parses the body of a form. Throws a TypeError if its type is not that of a form, or if it is malformed. */
export function decodeForm(bytes: Uint8Array<ArrayBuffer>, type: string | null): FormData {
  const [essence = ''] = (type ?? '').split(';');
  switch (essence.trim().toLowerCase()) {
    case 'application/x-www-form-urlencoded': {
      const form = new FormData();
      const text = new TextDecoder().decode(bytes);
      for (const [name, value] of new URLSearchParams(text)) form.append(name, value);
      return form;
    }
    case 'multipart/form-data':
      return decodeMultipart(bytes, parameter(type ?? '', 'boundary'));
    default:
      throw new TypeError(
        `formData() reads multipart/form-data and application/x-www-form-urlencoded, and the Content-Type is ${type ?? 'missing'}`,
      );
  }
}

function decodeMultipart(bytes: Uint8Array<ArrayBuffer>, boundary: string | undefined): FormData {
  if (boundary === undefined || boundary === '' || boundary.length > MAX_BOUNDARY) {
    throw malformed('its Content-Type has no boundary');
  }
  const form = new FormData();
  const mark = encodeText(`--${boundary}`);
  const delimiter = encodeText(`\r\n--${boundary}`);
  let at =
    host().find(bytes.subarray(0, mark.length), mark, 0) === 0
      ? mark.length
      : after(bytes, delimiter, 0);
  for (;;) {
    if (bytes[at] === DASH && bytes[at + 1] === DASH) return form;
    const line = after(bytes, Uint8Array.of(CR, LF), at) - 2;
    if (bytes.subarray(at, line).some((byte) => byte !== 0x20 && byte !== 0x09)) {
      throw malformed('a boundary is followed by something else');
    }
    const body = after(bytes, END_OF_HEAD, line);
    const end = after(bytes, delimiter, body - 2) - delimiter.length;
    addField(form, bytes.subarray(line + 2, body - 4), bytes.slice(body, Math.max(body, end)));
    at = end + delimiter.length;
  }
}

function addField(
  form: FormData,
  head: Uint8Array<ArrayBuffer>,
  body: Uint8Array<ArrayBuffer>,
): void {
  const decoder = new TextDecoder();
  const headers = new Map<string, string>();
  for (const line of decoder.decode(head).split('\r\n')) {
    const colon = line.indexOf(':');
    if (colon < 1) throw malformed('a part has a line that is no header');
    headers.set(line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim());
  }
  const disposition = headers.get('content-disposition') ?? '';
  const name = parameter(disposition, 'name');
  if (!/^form-data(?:;|$)/i.test(disposition) || name === undefined) {
    throw malformed('a part has no name');
  }
  const filename = parameter(disposition, 'filename');
  if (filename === undefined) form.append(unescape(name), decoder.decode(body));
  else {
    const type = headers.get('content-type') ?? 'text/plain';
    form.append(unescape(name), new File([body], unescape(filename), { type }));
  }
}

const unescape = (name: string): string =>
  name.replaceAll(/%0A/gi, '\n').replaceAll(/%0D/gi, '\r').replaceAll('%22', '"');

/** A parameter of a header, quoted or not. */
function parameter(header: string, name: string): string | undefined {
  const pattern = /;\s*([^\s=;]+)\s*=\s*(?:"([^"]*)"|([^\s;]*))/g;
  for (const [, key = '', quoted, plain] of header.matchAll(pattern)) {
    if (key.toLowerCase() === name) return quoted ?? plain;
  }
  return undefined;
}

/** The place behind the next occurrence. Throws if there is none. */
function after(bytes: Uint8Array, part: Uint8Array, from: number): number {
  const at = host().find(bytes, part, from);
  if (at < 0) throw malformed('it ends too early');
  return at + part.length;
}

function malformed(why: string): TypeError {
  return new TypeError(`The body is not a form: ${why}`);
}
