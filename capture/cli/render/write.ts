import type { Io, Sink } from "../io.ts";
import { terminalLine } from "./escape.ts";

/** Characters that are written at once: few system calls, and bounded memory. */
const chunkCharsMax = 64 * 1024;

/** Colours are for people at a terminal that did not ask for none. */
export function canColour({ env }: Pick<Io, "env">, sink: Sink): boolean {
  const isPlain = env["NO_COLOR"] !== undefined && env["NO_COLOR"] !== "";
  return sink.isTerminal && !isPlain && !isAutomatic(env) && env["TERM"] !== "dumb";
}

/** A build machine says so in `CI`; nobody reads along there, whatever the terminal looks like. */
export function isAutomatic(env: Io["env"]): boolean {
  const ci = env["CI"] ?? "";
  return ci !== "" && ci !== "0" && ci !== "false";
}

/** Writes lines for people; every control character in them is spelled out. */
export function writeLines(sink: Sink, lines: Iterable<string>, colour: boolean): Promise<void> {
  return writeTexts(sink, shown(lines, colour));
}

export async function writeTexts(sink: Sink, texts: Iterable<string>): Promise<void> {
  let chunk = "";
  for (const text of texts) {
    chunk += text;
    if (chunk.length < chunkCharsMax) continue;
    await sink.write(chunk);
    chunk = "";
  }
  if (chunk !== "") await sink.write(chunk);
}

function* shown(lines: Iterable<string>, colour: boolean): Generator<string> {
  for (const line of lines) yield `${terminalLine(line, { colour })}\n`;
}
