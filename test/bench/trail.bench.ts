import { quietOp } from "../../capture/base/op.ts";
import { traceIdOf } from "../../capture/model/ids.ts";
import { blame } from "../../capture/query/blame.ts";
import type { RepoContext } from "../../capture/query/repo-context.ts";
import { track } from "../../capture/query/track.ts";
import { why } from "../../capture/query/why.ts";
import { type Figure, median, percentile } from "../support/bench-figure.ts";
import { type LongTrail, longTrail } from "../support/long-trail.ts";

const op = quietOp();
const rounds = 9;
const size = { lines: 10_000, rounds: 1_000, files: 60, edits: 600 };
const hovers = 200;

/** Questions about 1,000 snapshots of a large file and 600 patches of small ones, all committed. */
export async function figures(): Promise<readonly Figure[]> {
  const trail = await longTrail(size);
  await using _ = trail.world;
  return figuresOf(trail);
}

/** One question each round beside `git blame`, from nothing, and then again. */
async function figuresOf({ world, small }: LongTrail): Promise<readonly Figure[]> {
  const trace = traceIdOf("claude-code", small.nativeId);
  const selected = { trace, agent: null, selection: { kind: "all" } } as const;
  const agentLine = world.repo.read("big.ts").split("\n").findLastIndex(isAgents) + 1;
  const times = {
    git: [] as number[],
    hover: { cold: [] as number[], file: [] as number[], warm: [] as number[] },
    blame: { cold: [] as number[], warm: [] as number[] },
    track: { cold: [] as number[], warm: [] as number[] },
  };
  for (let round = 0; round < rounds; round += 1) {
    times.git.push(await timed(async () => world.repo.git("blame", "--porcelain", "big.ts")));
    using asking = await world.context();
    const hover = (line: number): Promise<unknown> => why(op, asking, { path: "big.ts", line });
    times.hover.cold.push(await timed(() => hover(agentLine)));
    for (let at = 0; at < hovers; at += 1) {
      times.hover.warm.push(await timed(() => hover(1 + ((at * 37) % size.lines))));
    }
    times.hover.file.push(await coldFile(await world.context(), agentLine));
    using blaming = await world.context();
    const whole = (): Promise<unknown> => blame(op, blaming, { path: "big.ts" });
    times.blame.cold.push(await timed(whole));
    times.blame.warm.push(await timed(whole));
    using tracking = await world.context();
    const all = (): Promise<unknown> => track(op, tracking, { trace, selected });
    times.track.cold.push(await timed(all));
    times.track.warm.push(await timed(all));
  }
  return table(times);
}

interface Times {
  readonly git: readonly number[];
  readonly hover: Readonly<Record<"cold" | "file" | "warm", readonly number[]>>;
  readonly blame: Readonly<Record<"cold" | "warm", readonly number[]>>;
  readonly track: Readonly<Record<"cold" | "warm", readonly number[]>>;
}

function table(times: Times): readonly Figure[] {
  const git = median(times.git);
  const file = median(times.hover.file);
  const { blame: blamed, track: tracked, hover } = times;
  const what = "10,000 lines × 1,000 snapshots";
  return [
    { name: `git blame --porcelain, ${what}`, value: git, unit: "ms" },
    {
      name: `hover on an agent's line from nothing, ${what}`,
      value: median(hover.cold),
      unit: "ms",
    },
    { name: "… first on this file, repository known", value: file, unit: "ms", limit: 10 },
    {
      name: "… times faster than git blame",
      value: git / file,
      unit: "",
      limit: 100,
      atLeast: true,
    },
    { name: "… warm, p95", value: percentile(hover.warm, 0.95), unit: "ms", limit: 1 },
    {
      name: "ot trail blame, from nothing, over git blame",
      value: median(blamed.cold) / git,
      unit: "",
      limit: 1.2,
    },
    { name: "… warm", value: median(blamed.warm) / git, unit: "", limit: 0.1 },
    {
      name: "ot trail track, 600 patches, 1,000 commits",
      value: median(tracked.cold),
      unit: "ms",
      limit: 5_000,
    },
    { name: "… warm", value: median(tracked.warm), unit: "ms", limit: 500 },
  ];
}

/** The first hover on the large file where another of the same sessions was asked about before. */
async function coldFile(context: RepoContext, line: number): Promise<number> {
  using _ = context;
  await why(op, context, { path: "src/part0/small0.ts", line: 1 });
  return timed(() => why(op, context, { path: "big.ts", line }));
}

function isAgents(line: string): boolean {
  return line.startsWith("const added");
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const startMs = performance.now();
  await work();
  return performance.now() - startMs;
}
