import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { homeAt } from "../../capture/base/home.ts";
import { quietOp } from "../../capture/base/op.ts";
import { adapters } from "../../capture/harness/registry.ts";
import { CaptureThread, type SecondThread } from "../../capture/ingest/capture-thread.ts";
import { Ingest } from "../../capture/ingest/ingest.ts";
import { writeScaledSessions } from "../support/scaled-sessions.ts";

const op = quietOp();
const bytesEach = 2 * 1024 * 1024;
let dir: string;
let paths: readonly string[];

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "ot-thread-"));
  paths = await writeScaledSessions(join(dir, "sessions"), { count: 1, bytesEach });
  // A line that is a batch of its own comes between others.
  const long = `{"type":"user","message":{"content":"${"long ".repeat(300_000)}"}}\n`;
  const text = await readFile(paths[0] ?? "", "utf8");
  const half = text.indexOf("\n", text.length / 2) + 1;
  await writeFile(paths[0] ?? "", text.slice(0, half) + long + text.slice(half));
});
afterAll(() => rm(dir, { recursive: true, force: true }));

test("A unit is the same with a second thread, without one, and with one that ends", async () => {
  const broken = new CaptureThread(pathToFileURL(join(dir, "no-such-file.cjs")));
  const expected = await unitsOf("without", broken);

  const real = await started();
  const seen = { looks: 0, blobs: 0 };
  const counting: SecondThread = {
    start: () => real.start(),
    look: (lines, parts) => counted(real.look(lines, parts), () => (seen.looks += 1)),
    writeBlob: (blob) => counted(real.writeBlob(blob), () => (seen.blobs += 1)),
  };
  expect(await unitsOf("with", counting)).toEqual(expected);
  expect(seen.looks).toBeGreaterThan(1);
  expect(seen.blobs).toBeGreaterThan(5);

  const ending = await started();
  let looks = 0;
  const endsHalfway: SecondThread = {
    start: () => ending.start(),
    look(lines, parts) {
      const looked = ending.look(lines, parts);
      if ((looks += 1) === 2) void ending.end();
      return looked;
    },
    writeBlob: (blob) => (looks < 2 ? ending.writeBlob(blob) : undefined),
  };
  expect(await unitsOf("ends", endsHalfway)).toEqual(expected);
  expect(looks).toBeGreaterThan(2);
}, 120_000);

test("A blob that cannot be written says why, whichever thread writes it", async () => {
  const thread = await started();
  const path = join(dir, "no-unit", "blobs", "aa", "bb");
  const writing = thread.writeBlob({ path, bytes: Buffer.from("x"), mayExist: false });
  await expect(writing).rejects.toMatchObject({ code: "ENOENT" });
}, 120_000);

async function started(): Promise<CaptureThread> {
  const thread = new CaptureThread();
  thread.start();
  await vi.waitFor(() => expect(thread.isReady).toBe(true), { timeout: 60_000 });
  return thread;
}

function counted<Answer>(answer: Answer, count: () => void): Answer {
  if (answer !== undefined) count();
  return answer;
}

/** Every file of every unit by its name, under one key. */
async function unitsOf(name: string, thread: SecondThread): Promise<Record<string, string>> {
  const home = join(dir, name);
  await mkdir(home);
  await writeFile(join(home, "key"), Buffer.alloc(32, 7), { mode: 0o600 });
  const environment = { home, env: {} };
  const options = { home: homeAt(home), adapters, environment, thread };
  {
    await using ingest = await Ingest.open({ ...options, consentOf: () => "on" });
    const { sessions } = await ingest.importPaths(op, { paths: [...paths] });
    expect(sessions).toHaveLength(paths.length);
  }
  const bucket = join(home, "bucket");
  const files: Record<string, string> = {};
  for (const entry of await readdir(bucket, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || entry.name === ".lock") continue;
    const path = join(entry.parentPath, entry.name);
    files[path.slice(bucket.length)] = (await readFile(path)).toString("base64");
  }
  return files;
}
