/**
 * One JSON object on one line.
 *
 * Characters that a terminal could act on are written as `\uXXXX`: the same value to a parser, and
 * nothing to a terminal.
 */
export function jsonLine(value: object): string {
  return JSON.stringify(value).replaceAll(acting, (character) =>
    Array.from({ length: character.length }, (_, at) => escaped(character.charCodeAt(at))).join(""),
  );
}

// JSON.stringify writes the control characters below 32 in this way, but not these.
const acting =
  /[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufdd0\ufdd1]|[\u{e0000}-\u{e007f}]/gu;

function escaped(unit: number): string {
  return `\\u${unit.toString(16).padStart(4, "0")}`;
}

/** The answer of a verb as `--json` prints it: schema and status first. */
export function answerJson(verb: string, answer: object): string {
  return jsonLine({ schema: schemaOf(verb), status: "ok", ...answer });
}

/** `trace show` is `opentraces.trace.show.v1`. */
export function schemaOf(verb: string): string {
  return `opentraces.${verb.replaceAll(" ", ".")}.v1`;
}
