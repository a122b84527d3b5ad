/** Finds where one reply ends and says whether its status was 200; then looks at the next one. */
export class ReplyEnd {
  isGood = false;
  /** Of the head, until it is whole. */
  #text = '';
  /** Bytes of the body to come; undefined while the head is not whole, infinite for one in chunks. */
  #left: number | undefined;
  #tail = '';

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
