import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

const fixtures = join(import.meta.dirname, "../fixtures/claude-code");
const mains = [
  "simple-fix/native/projects/-home-dev-shop/11111111-aaaa-4aaa-8aaa-000000000001.jsonl",
  "multiturn/native/projects/-home-dev-shop/22222222-aaaa-4aaa-8aaa-000000000001.jsonl",
  "agents-errors/native/projects/-home-dev-shop/33333333-aaaa-4aaa-8aaa-000000000001.jsonl",
  "simple-fix-2.1.197/native/projects/-home-dev-shop/11111111-aaaa-4aaa-8aaa-000000000001.jsonl",
];

/** What a session writes when it begins, and not with every turn. */
const beginning =
  /"type":"(?:api-request-shape|prompt_snapshot|skill_listing|agent_listing_delta)"/;
/** Lines of output that the tools of a real repository give, in turn: most short, a few long. */
const outputLines = [10, 60, 400, 30, 900, 150, 20, 2_500, 60, 200, 600, 40];

/**
 * A long session made of a recorded one: its turns over and over, each time with ids of their own
 * and with outputs as long as a real repository's. The recorded ones come from a toy of six files.
 */
export async function scaledSession(
  number: number,
  { bytesMin, firstCopy = 0 }: { bytesMin: number; firstCopy?: number },
): Promise<string> {
  const text = await readFile(join(fixtures, mains[number % mains.length] ?? ""), "utf8");
  const session = /"sessionId":"([0-9a-f-]{36})"/.exec(text)?.[1] ?? "";
  const turns = text
    .replaceAll(session, "SESSION")
    .split("\n")
    .filter((line) => line !== "");
  const parts: string[] = [];
  let results = number;
  for (let copy = firstCopy, bytes = 0; bytes < bytesMin; copy += 1) {
    const mark = copy.toString(16).padStart(8, "0");
    for (const turn of turns) {
      if (copy > 0 && beginning.test(turn)) continue;
      const line = `${turn
        .replaceAll(
          /"[0-9a-f]{8}(-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})"/g,
          `"${mark}$1"`,
        )
        .replaceAll(/\b(toolu|msg|req)_/g, `$1_${mark}_`)
        .replaceAll("SESSION", sessionIdOf(number))}\n`;
      const isResult = line.includes('"tool_result"');
      parts.push(
        isResult
          ? withLongOutput(line, outputLines[(results += 1) % outputLines.length] ?? 1)
          : line,
      );
      bytes += parts.at(-1)?.length ?? 0;
    }
  }
  return parts.join("");
}

/** A tool result whose output goes on, both as the model saw it and as the client kept it. */
function withLongOutput(line: string, lines: number): string {
  const more = Array.from(
    { length: lines },
    (_, at) =>
      `\\n  ${at}: const total${at} = items.reduce((sum, item) => sum + item.price, ${at});`,
  ).join("");
  return line.replaceAll(
    /"(content|stdout)":"((?:[^"\\]|\\.)*)"/g,
    (_whole, key: string, value: string) => `"${key}":"${value}${more}"`,
  );
}

export function sessionIdOf(number: number): string {
  return `${number.toString(16).padStart(8, "0")}-0000-4000-8000-000000000000`;
}

/** Writes `count` scaled sessions below `<folder>/projects`; answers their paths. */
export async function writeScaledSessions(
  folder: string,
  { count, bytesEach }: { count: number; bytesEach: number },
): Promise<string[]> {
  const project = join(folder, "projects", "-home-dev-shop");
  await mkdir(project, { recursive: true });
  const paths: string[] = [];
  for (let number = 0; number < count; number += 1) {
    const path = join(project, `${sessionIdOf(number)}.jsonl`);
    await writeFile(path, await scaledSession(number, { bytesMin: bytesEach }));
    paths.push(path);
  }
  return paths;
}
