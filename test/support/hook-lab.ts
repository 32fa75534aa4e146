import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Home, homeAt } from "../../capture/base/home.ts";
import { adapters } from "../../capture/harness/registry.ts";
import { Ingest, type IngestOptions } from "../../capture/ingest/ingest.ts";
import { Repo } from "./repo.ts";

export const sessionId = "aaaaaaaa-bbbb-4ccc-8ddd-000000000001";

/** A repository, a home, and hands that drop hook payloads as the shim does. */
export interface HookLab extends AsyncDisposable {
  readonly repo: Repo;
  readonly home: Home;
  readonly dir: string;
  readonly projects: string;
  openIngest(options?: Partial<IngestOptions>): Promise<Ingest>;
  /** Answers the name of the file in the spool. */
  drop(
    payload: Record<string, unknown>,
    extra?: { boundary?: string; atMs?: number },
  ): Promise<string>;
}

export async function makeHookLab(): Promise<HookLab> {
  const dir = await mkdtemp(join(tmpdir(), "ot-hooks-"));
  const home = homeAt(join(dir, "home"));
  const repo = new Repo();
  const projects = join(dir, ".claude", "projects");
  await mkdir(join(projects, "-shop"), { recursive: true });
  await mkdir(home.spoolDir, { recursive: true });
  let count = 0;
  return {
    repo,
    home,
    dir,
    projects,
    openIngest: (options = {}) =>
      Ingest.open({
        home,
        adapters,
        environment: { home: dir, env: {} },
        consentOf: () => "on",
        ...options,
      }),
    async drop(payload, { boundary, atMs = Date.now() } = {}) {
      count += 1;
      const stem = `${atMs}${String(count).padStart(6, "0")}-${count}.claude-code`;
      const whole = {
        session_id: sessionId,
        transcript_path: join(projects, "-shop", `${sessionId}.jsonl`),
        cwd: repo.dir,
        ...payload,
      };
      if (boundary !== undefined)
        await writeFile(join(home.spoolDir, `${stem}.boundary`), `${boundary}\n`);
      await writeFile(join(home.spoolDir, `${stem}.json`), JSON.stringify(whole));
      return `${stem}.json`;
    },
    async [Symbol.asyncDispose]() {
      repo[Symbol.dispose]();
      await rm(dir, { recursive: true, force: true });
    },
  };
}
