import { type Edit, edited } from "./edit-shape.ts";

const charsMax = 1_048_576;
/** So many changes are put together at most when the text is asked for. */
const changesMax = 200;

interface Document {
  readonly uri: { toString(): string };
  getText(): string;
}

/**
 * Remembers the text of one document, the active one, as it was before its newest change.
 *
 * A key press only adds to a list; the text is put together when somebody asks.
 */
export class TextBefore {
  #key = "";
  #text: string | null = null;
  #changes: (readonly Edit[])[] = [];

  /** Begins with the document as it is now; undefined forgets. */
  hold(document: Document | undefined): void {
    const text = document?.getText() ?? null;
    this.#key = document?.uri.toString() ?? "";
    this.#text = text !== null && text.length <= charsMax ? text : null;
    this.#changes = [];
  }

  /** Takes note of a change that has been made. */
  add(document: Document, edits: readonly Edit[]): void {
    if (this.#text === null || document.uri.toString() !== this.#key) return;
    this.#changes.push(edits);
    if (this.#changes.length > changesMax) this.hold(document);
  }

  /** The text before a change that was made and not added yet; null where it is not known. */
  before(document: Document, edits: readonly Edit[]): string | null {
    if (this.#text === null || document.uri.toString() !== this.#key) return null;
    const before = this.#changes.reduce(edited, this.#text);
    this.#text = before;
    this.#changes = [];
    return edited(before, edits) === document.getText() ? before : null;
  }
}
