import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";

import { createGate } from "../../capture/security/gate-line.ts";
import { type Figure, median } from "../support/bench-figure.ts";

const rounds = 9;
const wantedBytes = 8 * 1024 * 1024;
const sources = path.resolve(import.meta.dirname, "../../capture/trail");

/** What gate 1 costs on lines like those of a transcript that hold nothing to redact. */
export function figures(): Promise<readonly Figure[]> {
  const gate = createGate({ key: Buffer.alloc(32, 7) });
  const lines = transcript().filter((line) => gate.line(line).redactions === 0);
  const sizeBytes = lines.reduce((sum, line) => sum + line.length, 0);
  const times = { gate: [] as number[], parse: [] as number[] };
  for (let round = 0; round < rounds; round += 1) {
    times.gate.push(timed(() => lines.forEach((line) => gate.line(line))));
    times.parse.push(timed(() => lines.forEach((line) => JSON.parse(line.toString("utf8")))));
  }
  const perMiB = median(times.gate) / (sizeBytes / 1024 / 1024);
  return Promise.resolve([
    // 80 MB a second.
    { name: "gate 1, clean lines, a MiB", value: perMiB, unit: "ms", limit: 13 },
    {
      name: "gate 1, clean lines, times bare JSON.parse",
      value: median(times.gate) / median(times.parse),
      unit: "",
      limit: 2,
    },
  ]);
}

/** Lines as a client writes them: answers with their usage, and files that tools read. */
function transcript(): Buffer[] {
  const files = readdirSync(sources)
    .filter((name) => name.endsWith(".ts"))
    .map((name) => readFileSync(path.join(sources, name), "utf8"));
  const lines: Buffer[] = [];
  for (let sizeBytes = 0, i = 0; sizeBytes < wantedBytes; i += 1) {
    const content = files[i % files.length] ?? "";
    const numbered = content
      .split("\n")
      .map((line, at) => `${String(at + 1).padStart(6)}\t${line}`);
    const values = [
      { type: "assistant", message: { id: `msg_${i}`, usage: { input_tokens: 13_061 + i } } },
      { type: "user", message: { content: numbered.join("\n") }, toolUseResult: { content } },
    ];
    for (const value of values) {
      const line = Buffer.from(JSON.stringify({ ...value, uuid: crypto.randomUUID() }));
      lines.push(line);
      sizeBytes += line.length;
    }
  }
  return lines;
}

function timed(work: () => void): number {
  const startMs = performance.now();
  work();
  return performance.now() - startMs;
}
