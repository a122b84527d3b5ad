/** Detects the end of HTTP/1.1 responses on a connection, one after another. */
export class ResponseEnd {
  /** Whether the current response has status 200. */
  isGood = false;
  /** The headers, until they are complete. */
  #text = '';
  /** Remaining bytes of the body: undefined until the headers are complete, Infinity for a chunked body. */
  #left: number | undefined;
  #tail = '';

  /** Adds received bytes. Returns whether the response is complete; the next call then begins the next response. */
  take(bytes: Buffer): boolean {
    if (this.#left === undefined) {
      this.#text += bytes.toString('latin1');
      const end = this.#text.indexOf('\r\n\r\n');
      if (end < 0) return false;
      const length = /\r\ncontent-length: *(\d+)/i.exec(this.#text);
      this.isGood = this.#text.startsWith('HTTP/1.1 200');
      this.#tail = this.#text.slice(end + 4);
      this.#left = length === null ? Infinity : Number(length[1]) - this.#tail.length;
    } else if (this.#left === Infinity) {
      this.#tail = (this.#tail + bytes.toString('latin1')).slice(-5);
    } else {
      this.#left -= bytes.length;
    }
    if (this.#left === Infinity ? !this.#tail.endsWith('0\r\n\r\n') : this.#left > 0) return false;
    this.#text = '';
    this.#left = undefined;
    return true;
  }
}
