/** A value in a JSON text, with the places of its parts. Offsets are in UTF-16 code units. */
export interface JsonNode {
  readonly start: number;
  readonly end: number;
  /** Null for anything that is no object. */
  readonly members: readonly JsonMember[] | null;
  /** Null for anything that is no array. */
  readonly elements: readonly JsonNode[] | null;
}

export interface JsonMember {
  readonly key: string;
  readonly start: number;
  readonly end: number;
  readonly value: JsonNode;
}

/**
 * Where the parts of a JSON text stand, so that it can be edited without being written anew.
 *
 * `text` must be valid JSON (a byte order mark may come first); the answer is undefined otherwise.
 */
export function locateJson(text: string): JsonNode {
  return new Locator(text).value(text.startsWith("\uFEFF") ? 1 : 0);
}

/** The last member of that name: the one that `JSON.parse` would take. */
export function memberOf(node: JsonNode, key: string): JsonMember | undefined {
  return node.members?.findLast((member) => member.key === key);
}

class Locator {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  value(from: number): JsonNode {
    const start = this.#skipSpace(from);
    switch (this.#text.charAt(start)) {
      case "{":
        return this.#object(start);
      case "[":
        return this.#array(start);
      case '"':
        return leaf(start, this.#stringEnd(start));
      default:
        return leaf(start, this.#scalarEnd(start));
    }
  }

  #object(start: number): JsonNode {
    const members: JsonMember[] = [];
    let at = this.#skipSpace(start + 1);
    while (at < this.#text.length && this.#text[at] !== "}") {
      const keyEnd = this.#stringEnd(at);
      const key: unknown = JSON.parse(this.#text.slice(at, keyEnd));
      const value = this.value(this.#skipSpace(keyEnd) + 1);
      members.push({ key: String(key), start: at, end: value.end, value });
      at = this.#nextItem(value.end);
    }
    return { start, end: at + 1, members, elements: null };
  }

  #array(start: number): JsonNode {
    const elements: JsonNode[] = [];
    let at = this.#skipSpace(start + 1);
    while (at < this.#text.length && this.#text[at] !== "]") {
      const element = this.value(at);
      elements.push(element);
      at = this.#nextItem(element.end);
    }
    return { start, end: at + 1, members: null, elements };
  }

  #nextItem(end: number): number {
    const at = this.#skipSpace(end);
    return this.#text[at] === "," ? this.#skipSpace(at + 1) : at;
  }

  #skipSpace(from: number): number {
    let at = from;
    while (" \t\r\n".includes(this.#text[at] ?? "x")) at += 1;
    return at;
  }

  #stringEnd(start: number): number {
    let at = start + 1;
    while (at < this.#text.length && this.#text[at] !== '"') at += this.#text[at] === "\\" ? 2 : 1;
    return at + 1;
  }

  #scalarEnd(start: number): number {
    let at = start;
    while (!" \t\r\n,]}".includes(this.#text[at] ?? " ")) at += 1;
    return at;
  }
}

function leaf(start: number, end: number): JsonNode {
  return { start, end, members: null, elements: null };
}
