import { execFileSync } from "node:child_process";
import { gzipSync } from "node:zlib";

import { sizeOfStore } from "../../capture/git/store-gc.ts";
import { type Figure, median } from "../support/bench-figure.ts";
import { op, session, sourceText, subject, type Subject } from "../support/snapshot-bench.ts";

const snapshots = 300;
const filesEach = 3;
const pairs = 50;
const limits = { overPatches: 3, bytesEach: 2_560, commitMs: 1 };

export async function figures(): Promise<readonly Figure[]> {
  using recorded = await subject(2_000);
  return [...(await storeSize(recorded)), ...(await commitTimes())];
}

/** Six lines of three files changed with each snapshot, as an agent's edits are. */
async function storeSize(one: Subject): Promise<readonly Figure[]> {
  const { repo, store } = one;
  const files = one.files.slice(0, 120);
  const paths = files.filter((_, at) => at % 2 === 0);
  for (const file of paths) repo.write(file, sourceText(file.length.toString()));
  const start = await store.take(op, { session, atMs: 2, cause: "post", paths });
  await store.collect(op, { expireBeforeMs: null, dryRun: false });
  const emptyBytes = await sizeOfStore(repo.path(".git/opentraces"));
  for (let i = 0; i < snapshots; i++) {
    const changed = Array.from(
      { length: filesEach },
      (_, k) => paths[(i * 13 + k * 17) % 60] ?? "",
    );
    for (const file of changed) edit(one, file, i);
    await store.take(op, { session, atMs: 1_000 * (i + 3), cause: "post", paths: changed });
  }
  const patchBytes = (await patchesSince(one, start.commit)).reduce(
    (sum, patch) => sum + gzipSync(patch, { level: 1 }).length,
    0,
  );
  await store.collect(op, { expireBeforeMs: null, dryRun: false });
  const sizeBytes = (await sizeOfStore(repo.path(".git/opentraces"))) - emptyBytes;
  return [
    {
      name: "store after consolidation over its patches, each gzipped",
      value: sizeBytes / patchBytes,
      unit: "",
      limit: limits.overPatches,
    },
    {
      name: "… a snapshot",
      value: sizeBytes / snapshots,
      unit: "bytes",
      limit: limits.bytesEach,
    },
  ];
}

function edit({ repo }: Subject, file: string, i: number): void {
  const lines = repo.read(file).split("\n");
  const made = Array.from(
    { length: 6 },
    (_, k) => `const made${i}x${k} = of(${i * k + k}, "${i}");`,
  );
  lines.splice((i * 37) % (lines.length - 6), 6, ...made);
  repo.write(file, lines.join("\n"));
}

async function patchesSince({ repo, store }: Subject, commit: string): Promise<readonly Buffer[]> {
  await store.flush(op);
  const tip = (await store.tip(op, session))?.commit ?? "";
  const args = ["--git-dir=.git/opentraces", "log", "-p", "--format=%x00", `${commit}..${tip}`];
  const log = execFileSync("git", args, { cwd: repo.dir, maxBuffer: 1 << 29 });
  return log
    .toString("latin1")
    .split("\0")
    .filter((patch) => patch !== "")
    .map((patch) => Buffer.from(patch, "latin1"));
}

/** `git commit` in a repository that is recorded against its twin that is not. */
async function commitTimes(): Promise<readonly Figure[]> {
  using recorded = await subject(1_000);
  using twin = await subject(1_000);
  execFileSync("rm", ["-r", twin.repo.path(".git/opentraces")]);
  twin.repo.git("update-ref", "-d", "refs/opentraces-pin-1");
  const differences: number[] = [];
  for (let round = 0; round < pairs + 5; round++) {
    const file = recorded.files[round] ?? "";
    for (const { repo } of [recorded, twin]) repo.write(file, sourceText(`${round}`));
    await recorded.store.take(op, { session, atMs: round + 2, cause: "post", paths: [file] });
    const order = round % 2 === 0 ? [recorded, twin] : [twin, recorded];
    const times = new Map(order.map((one) => [one, commitMs(one, round)]));
    if (round >= 5) differences.push((times.get(recorded) ?? 0) - (times.get(twin) ?? 0));
  }
  const { low, high } = interval(differences);
  return [
    { name: "`git commit` is longer by, median", value: median(differences), unit: "ms" },
    { name: "… 95 % interval from", value: low, unit: "ms" },
    { name: "… to", value: high, unit: "ms" },
    {
      name: "… surely by (0 where the interval holds 0)",
      value: Math.max(0, low),
      unit: "ms",
      limit: limits.commitMs,
    },
  ];
}

function commitMs({ repo }: Subject, round: number): number {
  repo.git("add", "--all");
  const startMs = performance.now();
  repo.git("commit", "--quiet", "--message", `round ${round}`);
  return performance.now() - startMs;
}

/** Of the median: the order statistics between which it lies in 95 of 100 cases. */
function interval(values: readonly number[]): { readonly low: number; readonly high: number } {
  const sorted = values.toSorted((a, b) => a - b);
  const reach = Math.ceil(0.98 * Math.sqrt(sorted.length));
  const middle = sorted.length / 2;
  const low = sorted[Math.max(0, Math.floor(middle - reach))] ?? 0;
  return { low, high: sorted[Math.min(sorted.length - 1, Math.ceil(middle + reach) - 1)] ?? 0 };
}
