import { Scenario } from "./scenario.ts";

export interface BigFileWorld extends AsyncDisposable {
  readonly world: Scenario;
  /** Of `big.ts`. */
  readonly lines: number;
}

const lines = 10_000;
const edits = 30;

/** A repository with a file of 10,000 lines that an agent edited thirty times, all captured. */
export async function openBigFileWorld(): Promise<BigFileWorld> {
  const world = await Scenario.open();
  const text = Array.from({ length: lines }, (_, at) => `const value${at} = compute(${at % 97});`);
  world.repo.commit("Begin", { "big.ts": `${text.join("\n")}\n` });
  const session = await world.session("A", { hooks: false });
  await session.prompt("Change it here and there.");
  for (let edit = 0; edit < edits; edit += 1) {
    const at = Math.floor((edit * lines) / edits);
    await session.edit("big.ts", `value${at} = compute(`, `changed${at} = compute(1 + `);
    if (edit % 10 === 9) world.commit(`Part ${edit}`);
  }
  await world.capture();
  return { world, lines, [Symbol.asyncDispose]: () => world[Symbol.asyncDispose]() };
}
