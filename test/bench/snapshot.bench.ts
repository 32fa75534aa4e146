import { type Figure, median } from "../support/bench-figure.ts";
import {
  bareStatus,
  floor,
  op,
  probe,
  session,
  sourceText,
  subject,
  type Subject,
} from "../support/snapshot-bench.ts";

const rounds = 60;
const slowRounds = 22;
/** Until the compiler has seen the code and the folders are in memory. */
const warmRounds = 80;
const limits = {
  overFloor: 3,
  overDurableFloor: 5,
  overStatus: 0.05,
  hugeOverSmall: 1.5,
  unknownOverStatus: 1.1,
  loopMs: 2,
};

let atMs = 1;
function take({ store }: Subject, paths: readonly string[] | null): Promise<unknown> {
  return store.take(op, { session, atMs: ++atMs, cause: "post", paths });
}

/** One file is changed, then `work` timed. */
async function timed(
  one: Subject,
  round: number,
  work: (file: string) => unknown,
): Promise<number> {
  const file = one.files[(round * 7919) % 40] ?? "";
  one.repo.write(file, sourceText(`${round} * ${Math.round(performance.now() * 1000)}`));
  const startMs = performance.now();
  await work(file);
  return performance.now() - startMs;
}

export async function figures(): Promise<readonly Figure[]> {
  using small = await subject(1_000);
  using large = await subject(10_000);
  using huge = await subject(100_000);
  return [...(await knownPaths({ small, large, huge })), ...(await unknownPaths(large))];
}

interface KnownTimes {
  readonly durable: number[];
  readonly written: number[];
  readonly small: number[];
  readonly huge: number[];
  readonly durableFloor: number[];
  readonly floor: number[];
  readonly status: number[];
  readonly loop: number[];
}

interface Subjects {
  readonly small: Subject;
  readonly large: Subject;
  readonly huge: Subject;
}

const named = (one: Subject, syncs: boolean) => (file: string) => {
  probe.syncs = syncs;
  return take(one, [file]);
};

async function measureKnown({ small, large, huge }: Subjects, times: KnownTimes): Promise<number> {
  let spawns = 0;
  for (let round = 0; round < rounds; round++) {
    const spawnsBefore = probe.spawns;
    times.durable.push(await timed(large, round, named(large, true)));
    times.written.push(await timed(large, round, named(large, false)));
    times.small.push(await timed(small, round, named(small, false)));
    times.huge.push(await timed(huge, round, named(huge, false)));
    times.loop.push(await loopMs(large, round));
    spawns += probe.spawns - spawnsBefore;
    times.durableFloor.push(await timed(large, round, (file) => floor(large, file, true)));
    times.floor.push(await timed(large, round, (file) => floor(large, file, false)));
    if (round % 5 === 0) times.status.push(await timed(large, round, () => bareStatus(large)));
  }
  return spawns;
}

async function knownPaths(subjects: Subjects): Promise<readonly Figure[]> {
  for (let round = 0; round < warmRounds; round++) {
    for (const one of Object.values(subjects)) await timed(one, round, named(one, false));
  }
  const times: KnownTimes = {
    durable: [],
    written: [],
    small: [],
    huge: [],
    durableFloor: [],
    floor: [],
    status: [],
    loop: [],
  };
  const spawns = await measureKnown(subjects, times);
  const durable = median(times.durable);
  const overDurableFloor = durable / median(times.durableFloor);
  const overFloor = median(times.written) / median(times.floor);
  const hugeOverSmall = median(times.huge) / median(times.small);
  const loop = median(times.loop);
  return [
    { name: "snapshot of a known path, 10,000 files, durable", value: durable, unit: "ms" },
    limited("… over the floor made durable", overDurableFloor, limits.overDurableFloor),
    limited("… over `git status`", durable / median(times.status), limits.overStatus),
    limited("… written, over the written floor", overFloor, limits.overFloor),
    limited("… written, 100,000 files over 1,000", hugeOverSmall, limits.hugeOverSmall),
    { name: "… keeps the event loop for", value: loop, unit: "ms", limit: limits.loopMs },
    limited("… starts programs", spawns, 0),
  ];
}

function limited(name: string, value: number, limit: number): Figure {
  return { name, value, unit: "", limit };
}

/** CPU time that one snapshot takes of the thread that the event loop runs on. */
async function loopMs(one: Subject, round: number): Promise<number> {
  let usedMs = 0;
  await timed(one, round, async (file) => {
    const before = process.threadCpuUsage();
    await take(one, [file]);
    const used = process.threadCpuUsage(before);
    usedMs = (used.user + used.system) / 1000;
  });
  return usedMs;
}

async function unknownPaths(large: Subject): Promise<readonly Figure[]> {
  probe.syncs = true;
  const whole: number[] = [];
  const status: number[] = [];
  const spawnsBefore = probe.spawns;
  for (let round = 0; round < slowRounds; round++) {
    whole.push(await timed(large, round, () => take(large, null)));
    status.push(await timed(large, round, () => bareStatus(large)));
  }
  // The bare ones are counted as well.
  const spawns = (probe.spawns - spawnsBefore) / slowRounds - 1;
  const ratio = median(whole) / median(status);
  return [
    limited("snapshot of unknown paths over a bare `git status`", ratio, limits.unknownOverStatus),
    limited("… starts programs, each time", spawns, 1),
  ];
}
