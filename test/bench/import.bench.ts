import { execFile } from "node:child_process";
import { appendFile, copyFile, mkdir, mkdtemp, open, readFile, rm } from "node:fs/promises";
import { stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { build } from "esbuild";
import { homeAt } from "../../capture/base/home.ts";
import { lineBatches } from "../../capture/base/jsonl-batches.ts";
import { quietOp } from "../../capture/base/op.ts";
import { adapters } from "../../capture/harness/registry.ts";
import { Ingest } from "../../capture/ingest/ingest.ts";
import { type Figure, median } from "../support/bench-figure.ts";
import { scaledSession, sessionIdOf, writeScaledSessions } from "../support/scaled-sessions.ts";

const rounds = 5;
const megabyte = 1024 * 1024;
const child = join(import.meta.dirname, "../support/import-child.mjs");
const threadEntry = join(import.meta.dirname, "../../capture/ingest/thread-worker.ts");
/** A session that is larger than any that an agent has been seen to write. */
const hugeBytes = 512 * megabyte;

/** Import speed against bare parsing, memory of an importing process, and the cost of one line. */
export async function figures(): Promise<readonly Figure[]> {
  const dir = await mkdtemp(join(tmpdir(), "ot-bench-"));
  try {
    const paths = await writeScaledSessions(join(dir, "sessions"), {
      count: 4,
      bytesEach: 6 * megabyte,
    });
    const { share, bytesPerMs, bareBytesPerMs } = await importShare(dir, paths);
    const appendMs = await appendedLineMs(dir, paths[0] ?? "");
    const peak = await peakBytes(dir, "plain", paths);
    const long = await withLongLine(dir);
    const longPeak = await peakBytes(dir, "long", [long]);
    const hugePeak = await peakOfHuge(dir, long);
    return [
      {
        name: "import, of bare split + JSON.parse",
        value: share,
        unit: "",
        limit: 0.15,
        atLeast: true,
      },
      { name: "import speed", value: (bytesPerMs * 1000) / megabyte, unit: "MiB/s" },
      {
        name: "bare split + JSON.parse speed",
        value: (bareBytesPerMs * 1000) / megabyte,
        unit: "MiB/s",
      },
      { name: "one appended line", value: appendMs, unit: "ms", limit: 5 },
      { name: "peak memory of an import", value: peak / megabyte, unit: "MiB", limit: 200 },
      {
        name: "peak memory with a 50 MB line",
        value: longPeak / megabyte,
        unit: "MiB",
        limit: 200,
      },
      {
        name: "peak memory with 512 MB and a 50 MB line",
        value: hugePeak / megabyte,
        unit: "MiB",
        limit: 200,
      },
    ];
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

async function importShare(
  dir: string,
  paths: readonly string[],
): Promise<{ share: number; bytesPerMs: number; bareBytesPerMs: number }> {
  const bare: number[] = [];
  const whole: number[] = [];
  let bytes = 0;
  for (const path of paths) bytes += (await stat(path)).size;
  for (let round = 0; round < rounds; round += 1) {
    bare.push(await timed(() => bareParse(paths)));
    const home = join(dir, `home-${round}`);
    const ingest = await openIngest(home);
    whole.push(await timed(() => ingest.importPaths(quietOp(), { paths })));
    await ingest[Symbol.asyncDispose]();
  }
  return {
    share: median(bare) / median(whole),
    bytesPerMs: bytes / median(whole),
    bareBytesPerMs: bytes / median(bare),
  };
}

/** Lines split by bytes and parsed, nothing else: the least that reading a session can cost. */
async function bareParse(paths: readonly string[]): Promise<void> {
  for (const path of paths) {
    const handle = await open(path, "r");
    for await (const { lines } of lineBatches(handle, 0)) {
      for (const { bytes } of lines) if (bytes !== null) JSON.parse(bytes.toString("utf8"));
    }
    await handle.close();
  }
}

/** From the line in the native file to its acknowledgement, in a session of megabytes. */
async function appendedLineMs(dir: string, path: string): Promise<number> {
  const ingest = await openIngest(join(dir, "home-append"));
  await ingest.importPaths(quietOp(), { paths: [path] });
  const lines = (await readFile(path, "utf8"))
    .split("\n")
    .filter((line) => line.includes('"uuid"'));
  const times: number[] = [];
  for (const line of lines.slice(0, 200)) {
    await appendFile(path, `${line.replaceAll(/"uuid":"[0-9a-f]{8}/g, '"uuid":"ffffffff')}\n`);
    times.push(await timed(() => ingest.catchUp(quietOp(), path)));
  }
  await ingest[Symbol.asyncDispose]();
  return median(times);
}

async function withLongLine(dir: string): Promise<string> {
  const folder = join(dir, "long");
  const [path = ""] = await writeScaledSessions(folder, { count: 1, bytesEach: megabyte });
  const content = `${"const answer = 42; // a line of a long output\\n".repeat(1_100_000)}`;
  const result = `{"type":"tool_result","tool_use_id":"toolu_x","content":"${content}"}`;
  const message = `{"role":"user","content":[${result}]}`;
  const stamp = `"timestamp":"2026-01-02T03:04:05.000Z","sessionId":"${sessionIdOf(0)}"`;
  await appendFile(
    path,
    `{"type":"user","uuid":"99999999-0000-4000-8000-000000000000",${stamp},"message":${message}}\n`,
  );
  return path;
}

/** One session of half a gigabyte, ids and texts of its own throughout, and a long line in it. */
async function peakOfHuge(dir: string, long: string): Promise<number> {
  const folder = join(dir, "peak-huge", "projects", "-p");
  await mkdir(folder, { recursive: true });
  const path = join(folder, `${sessionIdOf(0)}.jsonl`);
  await copyFile(long, path);
  for (let part = 1, bytes = 0; bytes < hugeBytes; part += 1) {
    const more = await scaledSession(0, { bytesMin: 8 * megabyte, firstCopy: part * 1_000 });
    await appendFile(path, more);
    bytes += Buffer.byteLength(more);
  }
  return peakOfImport(dir, "huge", join(dir, "peak-huge"));
}

async function peakBytes(dir: string, name: string, paths: readonly string[]): Promise<number> {
  const folder = join(dir, `peak-${name}`, "projects", "-p");
  await mkdir(folder, { recursive: true });
  for (const [at, path] of paths.entries()) {
    await writeFile(join(folder, `${sessionIdOf(at)}.jsonl`), await readFile(path));
  }
  return peakOfImport(dir, name, folder);
}

/** The most memory that a process took which imported the sessions below `folder`, in bytes. */
async function peakOfImport(dir: string, name: string, folder: string): Promise<number> {
  const args = [await bundledChild(dir), join(dir, `peak-home-${name}`), folder];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  return Number(stdout);
}

/** Bundled, as it ships: a process that strips types while it runs needs 40 MB more for that. */
async function bundledChild(dir: string): Promise<string> {
  await bundle(threadEntry, join(dir, "capture-thread.cjs"));
  const outfile = join(dir, "import-child.mjs");
  const wasm = fileURLToPath(import.meta.resolve("sql.js/dist/sql-wasm.wasm"));
  await copyFile(wasm, join(dir, "sql-wasm.wasm"));
  await bundle(child, outfile);
  return outfile;
}

async function bundle(entry: string, outfile: string): Promise<void> {
  const isModule = outfile.endsWith(".mjs");
  const banner = [
    'import { createRequire } from "node:module";',
    "const require = createRequire(import.meta.url);",
    "const __filename = import.meta.filename, __dirname = import.meta.dirname;",
  ].join("");
  await build({
    entryPoints: [entry],
    outfile,
    bundle: true,
    minify: true,
    platform: "node",
    format: isModule ? "esm" : "cjs",
    ...(isModule ? { banner: { js: banner } } : {}),
    logLevel: "error",
  });
}

function openIngest(home: string): Promise<Ingest> {
  const environment = { home, env: {} };
  return Ingest.open({ home: homeAt(home), adapters, environment, consentOf: () => "on" });
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const startMs = performance.now();
  await work();
  return performance.now() - startMs;
}
