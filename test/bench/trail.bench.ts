import { quietOp } from "../../capture/base/op.ts";
import { traceIdOf } from "../../capture/model/ids.ts";
import { blame } from "../../capture/query/blame.ts";
import type { RepoContext } from "../../capture/query/repo-context.ts";
import { track } from "../../capture/query/track.ts";
import { why } from "../../capture/query/why.ts";
import { type Figure, median, percentile } from "../support/bench-figure.ts";
import { longTrail } from "../support/long-trail.ts";

const op = quietOp();
const rounds = 9;
const large = { lines: 10_000, rounds: 1_000, files: 1, edits: 1 };
const small = { lines: 200, rounds: 1_000, files: 60, edits: 600 };
const hovers = 200;

/** Questions about 1,000 snapshots of a large file, and about 600 patches of small ones. */
export async function figures(): Promise<readonly Figure[]> {
  return [...(await figuresOfLines()), ...(await figuresOfPatches())];
}

/** One question each round beside `git blame`, from nothing, and then again. */
async function figuresOfLines(): Promise<readonly Figure[]> {
  const { world } = await longTrail(large);
  await using _ = world;
  const agentLine = world.repo.read("big.ts").split("\n").findLastIndex(isAgents) + 1;
  const times = {
    git: [] as number[],
    hover: { cold: [] as number[], file: [] as number[], warm: [] as number[] },
    blame: { cold: [] as number[], warm: [] as number[] },
  };
  for (let round = 0; round < rounds; round += 1) {
    times.git.push(await timed(async () => world.repo.git("blame", "--porcelain", "big.ts")));
    using asking = await world.context();
    const hover = (line: number): Promise<unknown> => why(op, asking, { path: "big.ts", line });
    times.hover.cold.push(await timed(() => hover(agentLine)));
    for (let at = 0; at < hovers; at += 1) {
      times.hover.warm.push(await timed(() => hover(1 + ((at * 37) % large.lines))));
    }
    times.hover.file.push(await coldFile(await world.context(), agentLine));
    using blaming = await world.context();
    const whole = (): Promise<unknown> => blame(op, blaming, { path: "big.ts" });
    times.blame.cold.push(await timed(whole));
    times.blame.warm.push(await timed(whole));
  }
  return table(times);
}

async function figuresOfPatches(): Promise<readonly Figure[]> {
  const { world, small: session } = await longTrail(small);
  await using _ = world;
  const trace = traceIdOf("claude-code", session.nativeId);
  const selected = { trace, agent: null, selection: { kind: "all" } } as const;
  const cold: number[] = [];
  const warm: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    using context = await world.context();
    const all = (): Promise<unknown> => track(op, context, { trace, selected });
    cold.push(await timed(all));
    warm.push(await timed(all));
  }
  const name = "ot trail track, 600 patches, 1,000 commits";
  return [
    { name, value: median(cold), unit: "ms", limit: 5_000 },
    { name: "… warm", value: median(warm), unit: "ms", limit: 500 },
  ];
}

interface Times {
  readonly git: readonly number[];
  readonly hover: Readonly<Record<"cold" | "file" | "warm", readonly number[]>>;
  readonly blame: Readonly<Record<"cold" | "warm", readonly number[]>>;
}

function table(times: Times): readonly Figure[] {
  const git = median(times.git);
  const file = median(times.hover.file);
  const { blame: blamed, hover } = times;
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
