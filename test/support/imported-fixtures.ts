import { cpSync, mkdirSync } from "node:fs";
import { appendFile } from "node:fs/promises";
import { join } from "node:path";
import { homeAt } from "../../capture/base/home.ts";
import { quietOp } from "../../capture/base/op.ts";
import { adapters } from "../../capture/harness/registry.ts";
import { Ingest } from "../../capture/ingest/ingest.ts";

export interface ImportedFixtures {
  readonly dir: string;
  /** The `OPENTRACES_HOME` that everything was imported into. */
  readonly home: string;
}

/**
 * Copies the recorded sessions to `<dir>/native`, gives one of them what recorded ones lack (a line
 * that is no JSON, one with a secret, a long output), and imports them all.
 */
export async function importFixtures(dir: string): Promise<ImportedFixtures> {
  const recorded = join(import.meta.dirname, "../fixtures/claude-code");
  const native = join(dir, "native");
  mkdirSync(native);
  for (const name of ["simple-fix", "multiturn", "agents-errors"]) {
    cpSync(join(recorded, name, "native", "projects"), join(native, name, "projects"), {
      recursive: true,
    });
  }
  const session = "11111111-aaaa-4aaa-8aaa-000000000001";
  const path = join(native, "simple-fix", "projects", "-home-dev-shop", `${session}.jsonl`);
  const secret = `ghp_${"zY9xW8vU7tS6rQ5pO4nM3lK2jI1hG0fEdCbA"}`;
  const said = (uuid: string, content: string): string =>
    `${JSON.stringify({
      type: "user",
      uuid,
      parentUuid: null,
      sessionId: session,
      timestamp: "2026-11-23T17:00:00.000Z",
      cwd: "/home/dev/shop",
      version: "2.1.330",
      message: { role: "user", content },
    })}\n`;
  await appendFile(path, "not json\n");
  await appendFile(path, said("99999999-0000-4000-8000-000000000001", `my token is ${secret}`));
  await appendFile(
    path,
    said("99999999-0000-4000-8000-000000000002", "a long prompt\n".repeat(2_000)),
  );
  const home = join(dir, "home");
  const environment = { home: dir, env: {} };
  await using ingest = await Ingest.open({
    home: homeAt(home),
    adapters,
    environment,
    consentOf: () => "on",
  });
  await ingest.importPaths(quietOp(), { paths: [native] });
  return { dir, home };
}
