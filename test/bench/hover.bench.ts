import { quietOp } from "../../capture/base/op.ts";
import { openKey } from "../../capture/bucket/key.ts";
import { requireRepository } from "../../capture/git/repository.ts";
import { Bucket } from "../../capture/query/bucket-views.ts";
import { RepoContext } from "../../capture/query/repo-context.ts";
import { why } from "../../capture/query/why.ts";
import { type Figure, median, percentile } from "../support/bench-figure.ts";
import { openBigFileWorld } from "../support/big-file-world.ts";

const rounds = 200;
const limitMs = 1;
const keystrokeLimitMs = 20;

/** Hovers over a file of 10,000 lines that an agent edited thirty times, with everything warm. */
export async function figures(): Promise<readonly Figure[]> {
  await using big = await openBigFileWorld();
  const { world, lines } = big;
  const op = quietOp();
  const repository = await requireRepository(op, world.repo.dir);
  using context = new RepoContext(repository, new Bucket(world.home, await openKey(world.home)));
  const saved = world.repo.read("big.ts");
  const cold = await timed(() => why(op, context, { path: "big.ts", line: 1 }));
  const warm: number[] = [];
  const typing: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const line = 1 + ((round * 2_311) % lines);
    warm.push(await timed(() => why(op, context, { path: "big.ts", line })));
    const at = saved.indexOf("\n", (round * 1_777) % saved.length);
    const unsaved = { text: `${saved.slice(0, at)} // ${round}${saved.slice(at)}` };
    typing.push(await timed(() => why(op, context, { path: "big.ts", line, unsaved })));
  }
  const where = "10,000 lines";
  return [
    { name: `hover, first on a file of ${where}`, value: cold, unit: "ms" },
    { name: `hover, warm, ${where}, median`, value: median(warm), unit: "ms" },
    {
      name: `hover, warm, ${where}, p95`,
      value: percentile(warm, 0.95),
      unit: "ms",
      limit: limitMs,
    },
    { name: `hover after a keystroke, ${where}, median`, value: median(typing), unit: "ms" },
    {
      name: `hover after a keystroke, ${where}, p95`,
      value: percentile(typing, 0.95),
      unit: "ms",
      limit: keystrokeLimitMs,
    },
  ];
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const startMs = performance.now();
  await work();
  return performance.now() - startMs;
}
