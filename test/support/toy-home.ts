import { mkdir, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Home, homeAt } from "../../capture/base/home.ts";
import { Ingest } from "../../capture/ingest/ingest.ts";
import { toyAdapter } from "./toy-adapter.ts";

/** A scratch home and a folder of native files of the toy agent; gone when disposed. */
export interface ToyHome extends AsyncDisposable {
  readonly dir: string;
  readonly native: string;
  readonly home: Home;
  openIngest(): Promise<Ingest>;
}

export async function makeToyHome(): Promise<ToyHome> {
  const dir = await mkdtemp(join(tmpdir(), "ot-ingest-"));
  const native = join(dir, "native");
  await mkdir(native);
  const home = homeAt(join(dir, "home"));
  return {
    dir,
    native,
    home,
    openIngest: () =>
      Ingest.open({
        home,
        adapters: [toyAdapter(native)],
        environment: { home: dir, env: {} },
        consentOf: () => "on",
        clock: { nowMs: () => Date.UTC(2026, 0, 2, 3, 4, 5) },
      }),
    [Symbol.asyncDispose]: () => rm(dir, { recursive: true, force: true }),
  };
}

/** Every file of a unit but `session.json` and the lock, by name. */
export async function unitContent(unitDir: string): Promise<Record<string, string>> {
  const content: Record<string, string> = {};
  const entries = await readdir(unitDir, { withFileTypes: true, recursive: true });
  for (const entry of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    if (!entry.isFile() || ["session.json", ".lock"].includes(entry.name)) continue;
    const path = join(entry.parentPath, entry.name);
    content[path.slice(unitDir.length + 1)] = (await readFile(path)).toString("latin1");
  }
  return content;
}

/** One line of the toy agent. */
export function toyLine(value: Record<string, unknown>): string {
  return `${JSON.stringify(value)}\n`;
}

/** A short session: a prompt, an edit of a new file, another of it, a last word. */
export function toySession(): string {
  const at = (second: number): string => `2026-01-02T03:04:0${second}.000Z`;
  return [
    { uuid: "a", timestamp: at(1), say: "Please fix the rounding" },
    {
      uuid: "b",
      timestamp: at(2),
      cwd: "/nowhere/shop",
      edit: { path: "a.js", before: null, after: "one\ntwo\n" },
    },
    {
      uuid: "c",
      timestamp: at(3),
      edit: { path: "a.js", before: "one\ntwo\n", after: "one\n2\n" },
    },
    { uuid: "d", timestamp: at(4), say: "done", count: 1 },
  ]
    .map(toyLine)
    .join("");
}
