/** The lines of a text one after the other, whatever their number, in no memory at all. */
export class TextLines {
  readonly #bytes: Buffer;
  readonly #isJson: boolean;
  #next = 0;
  /** 0-based number of the current line; -1 before the first. */
  index = -1;
  /** The current line: bytes `[from, to)`, its break excluded. */
  from = 0;
  to = 0;

  /** `isJson`: the bytes are the inside of a JSON string, and the lines those of its text. */
  constructor(bytes: Buffer, isJson: boolean) {
    this.#bytes = bytes;
    this.#isJson = isJson;
  }

  /** Moves on to the line that holds `offset`, or to the last one. Offsets must not descend. */
  moveTo(offset: number): void {
    while (this.index < 0 || (offset >= this.#next && this.#next <= this.#bytes.length)) {
      if (!this.#advance()) return;
    }
  }

  /** Moves on to line `index`, or to the last one. Indexes must not descend. */
  moveToLine(index: number): void {
    while (this.index < index) if (!this.#advance()) return;
  }

  #advance(): boolean {
    if (this.#next > this.#bytes.length) return false;
    this.index += 1;
    this.from = this.#next;
    if (this.#isJson) this.#findEscapedBreak();
    else {
      const at = this.#bytes.indexOf(0x0a, this.from);
      this.to = at < 0 ? this.#bytes.length : at;
      this.#next = this.to + 1;
    }
    return true;
  }

  #findEscapedBreak(): void {
    const bytes = this.#bytes;
    for (let at = bytes.indexOf(0x5c, this.from); at >= 0;) {
      const letter = bytes[at + 1];
      const size = letter === 0x75 ? 6 : 2;
      const isCode = letter === 0x75 && bytes.toString("latin1", at + 2, at + 6) === "000a";
      if (letter === 0x6e || isCode) {
        this.to = at;
        this.#next = at + size;
        return;
      }
      at = bytes.indexOf(0x5c, at + size);
    }
    this.to = bytes.length;
    this.#next = bytes.length + 1;
  }
}
