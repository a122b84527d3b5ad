/** A `fetch` for uploads that reports progress, based on XMLHttpRequest because `fetch` itself reports none. */

export interface UploadProgress {
  readonly sentBytes: number;
  readonly totalBytes: number;
}

type SendRequest = (request: Request) => Promise<Response>;

/** Statuses for which `Response` does not accept a body. */
const BODILESS = new Set([101, 204, 205, 304]);

/**
 * Returns a function that behaves like `fetch`: it rejects with a TypeError if the connection fails, and with an
 * AbortError if the request's signal aborts.
 */
export function uploadWith(onProgress: (progress: UploadProgress) => void): SendRequest {
  return async (request) => {
    const body = await request.blob();
    return new Promise((resolve, reject) => {
      const sending = new XMLHttpRequest();
      const abort = (): void => sending.abort();
      sending.open(request.method, request.url);
      sending.responseType = 'arraybuffer';
      for (const [name, value] of request.headers) sending.setRequestHeader(name, value);
      sending.upload.addEventListener('progress', ({ loaded }) =>
        onProgress({ sentBytes: Math.min(loaded, body.size), totalBytes: body.size }),
      );
      sending.addEventListener('load', () => resolve(responseOf(sending)));
      sending.addEventListener('error', () =>
        reject(new TypeError('The connection was lost during the upload.')),
      );
      sending.addEventListener('abort', () => reject(stopped()));
      sending.addEventListener('loadend', () => request.signal.removeEventListener('abort', abort));
      request.signal.addEventListener('abort', abort);
      if (request.signal.aborted) reject(stopped());
      else sending.send(body);
    });
  };
}

function responseOf(sent: XMLHttpRequest): Response {
  const headers = new Headers();
  for (const line of sent.getAllResponseHeaders().split('\r\n')) {
    const colon = line.indexOf(':');
    if (colon > 0) headers.append(line.slice(0, colon), line.slice(colon + 1).trim());
  }
  const { status, statusText } = sent;
  const body: unknown = sent.response;
  return new Response(BODILESS.has(status) || !(body instanceof ArrayBuffer) ? null : body, {
    status,
    statusText,
    headers,
  });
}

function stopped(): DOMException {
  return new DOMException('The upload was stopped.', 'AbortError');
}
