import { Scenario } from "./scenario.ts";
import type { ScenarioSession } from "./scenario-session.ts";

export interface LongTrailSize {
  /** Lines of the large file. */
  readonly lines: number;
  /** Edits of the large file, each a snapshot and a commit. */
  readonly rounds: number;
  /** Small files, and edits of them, spread over the rounds. */
  readonly files: number;
  readonly edits: number;
}

export interface LongTrail {
  readonly world: Scenario;
  /** Edited the large file `big.ts`. */
  readonly big: ScenarioSession;
  /** Edited the small files. */
  readonly small: ScenarioSession;
}

const roundsPerPrompt = 20;

/**
 * A repository in which an agent edited one large file many times, and another many small ones,
 * each round committed; lines go in at scattered places, so that the commits of the file
 * interleave.
 */
export async function longTrail(size: LongTrailSize): Promise<LongTrail> {
  const world = await Scenario.open({ isWatched: false });
  const files: Record<string, string> = { "big.ts": linesOf(size.lines, "value") };
  for (let file = 0; file < size.files; file += 1) {
    files[nameOf(file)] = linesOf(120, `small${file}`);
  }
  world.repo.commit("Begin", files);
  const big = await world.session("A");
  const small = await world.session("B");
  let edits = 0;
  for (let round = 0; round < size.rounds; round += 1) {
    if (round % roundsPerPrompt === 0) await big.prompt(`Part ${round / roundsPerPrompt}.`);
    if (round === 0) await small.prompt("Change the small ones.");
    const line = (round * 7_919) % size.lines;
    await insert(world, big, "big.ts", { name: `added${round}`, line });
    for (; edits < ((round + 1) * size.edits) / size.rounds; edits += 1) {
      const file = nameOf(edits % size.files);
      await insert(world, small, file, { name: `edit${edits}`, line: (edits * 31) % 120 });
    }
    world.git("commit", "--quiet", "--all", "--no-verify", "--message", `Round ${round}`);
  }
  await big.stop();
  await small.stop();
  await world.capture();
  return { world, big, small };
}

/** Replaces one line by three. */
async function insert(
  world: Scenario,
  session: ScenarioSession,
  file: string,
  { name, line }: { readonly name: string; readonly line: number },
): Promise<void> {
  const text = world.repo.read(file);
  const lines = text.split("\n");
  const old = lines[line] ?? "";
  const more = [`const ${name}a = ${line};`, `const ${name}b = ${old.length};`, `use(${name}a);`];
  await session.edit(file, `${old}\n`, `${more.join("\n")}\n`);
}

function nameOf(file: number): string {
  return `src/part${file % 8}/small${file}.ts`;
}

function linesOf(count: number, name: string): string {
  return Array.from({ length: count }, (_, at) => `const ${name}${at}x = compute(${at});\n`).join(
    "",
  );
}
