/** A seeded source of choices, so that a made history is the same each time. */
export class Dice {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** From 0 up to 1. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  }

  below(count: number): number {
    return Math.floor(this.next() * count);
  }

  chance(share: number): boolean {
    return this.next() < share;
  }

  of<T>(items: readonly T[]): T {
    const item = items[this.below(items.length)];
    if (item === undefined) throw new Error("There is nothing to choose from.");
    return item;
  }

  hex(length: number): string {
    return Array.from({ length }, () => this.below(16).toString(16)).join("");
  }
}

const verbs = "load save parse render merge check find build read send open close list".split(" ");
const nouns = "order item user cart price invoice token batch label route shelf parcel".split(" ");
const kinds = ["string", "number", "Order", "Item", "Options"];

/** Boilerplate that stands in many files, each time written anew. */
const snippets = [
  ["function assertNever(value: never): never {", "  throw new Error(`Unexpected ${value}`);", "}"],
  [
    "function sleep(ms: number): Promise<void> {",
    "  return new Promise((resolve) => setTimeout(resolve, ms));",
    "}",
  ],
  [
    "export class NotFoundError extends Error {",
    "  constructor(what: string) {",
    "    super(`${what} was not found`);",
    "  }",
    "}",
  ],
];

export function nameOf(dice: Dice): string {
  const noun = dice.of(nouns);
  const more = dice.of(nouns);
  return `${dice.of(verbs)}${capital(noun)}${dice.chance(0.6) ? capital(more) : ""}`;
}

/** A function of plausible code: half of its lines stand in many other functions as well. */
export function madeFunction(dice: Dice): string[] {
  if (dice.chance(0.08)) return [...dice.of(snippets), ""];
  const name = nameOf(dice);
  const noun = dice.of(nouns);
  const lines = [`export function ${name}(${noun}: ${dice.of(kinds)}): ${dice.of(kinds)} | null {`];
  for (let count = 2 + dice.below(5); count > 0; count -= 1) lines.push(...statement(dice, noun));
  return [...lines, "  return result;", "}", ""];
}

export function statement(dice: Dice, noun = dice.of(nouns)): string[] {
  const found = dice.of(nouns);
  const call = `${nameOf(dice)}(${noun})`;
  switch (dice.below(7)) {
    case 0:
      return [`  if (${noun} === undefined) {`, "    return null;", "  }"];
    case 1:
      return [`  const ${found} = ${call};`];
    case 2:
      return [`  for (const ${found} of ${noun}.${found}s) {`, `    ${call};`, "  }"];
    case 3:
      return ["  try {", `    ${call};`, "  } catch (error) {", "    throw error;", "  }"];
    case 4:
      return [`  log.debug("${nameOf(dice)}", { ${noun}, limit: ${dice.below(900)} });`];
    case 5:
      return [
        `  // ${capital(nameOf(dice))} before the ${found} is known to the ${dice.of(nouns)}.`,
      ];
    default:
      return [`  result.${found} = ${noun}.${dice.of(nouns)} ?? ${dice.below(40)};`];
  }
}

export function madeFile(dice: Dice): string[] {
  const lines = [
    'import { log } from "../log";',
    `import { ${nameOf(dice)} } from "./shared";`,
    "",
  ];
  for (let count = 2 + dice.below(4); count > 0; count -= 1) lines.push(...madeFunction(dice));
  return lines;
}

export function madeTest(dice: Dice, path: string): string[] {
  const lines = ['import { expect, test } from "vitest";', `import * as it from "${path}";`, ""];
  for (let count = 2 + dice.below(3); count > 0; count -= 1) lines.push(...madeCase(dice));
  return lines;
}

export function madeCase(dice: Dice): string[] {
  const name = nameOf(dice);
  return [
    `test("${name} ${dice.of(verbs)}s the ${dice.of(nouns)}", () => {`,
    `  const result = it.${name}({ ${dice.of(nouns)}: ${dice.below(90)} });`,
    dice.chance(0.5) ? "  expect(result).toBeNull();" : `  expect(result).toBe(${dice.below(9)});`,
    "});",
    "",
  ];
}

function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}
