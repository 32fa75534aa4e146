// A hover's whole way but for the pointer: the extension's client, the socket, the engine process,
// the answer, and the words that are shown.
import path from "node:path";

import { openEngine, quietOp } from "../../capture/api.ts";
import { silentLogger } from "../../capture/base/log.ts";
import { hoverMarkdown } from "../../extension/editor/hover-markdown.ts";
import { type Figure, median, percentile } from "../support/bench-figure.ts";
import { openBigFileWorld } from "../support/big-file-world.ts";
import { useOwnHome } from "../support/own-home.ts";

const rounds = 200;
const limitMs = 5;
/** The bucket is looked at anew every two seconds: some of the rounds pay for that. */
const betweenMs = 25;
const entry = path.resolve(import.meta.dirname, "../../dist/engine.cjs");

/** Milliseconds of a hover in a window that is open, on a file of 10,000 lines. */
export async function figures(): Promise<readonly Figure[]> {
  await using big = await openBigFileWorld();
  const { world, lines } = big;
  const home = world.home.root;
  using ownHome = useOwnHome(home);
  void ownHome;
  const engine = await openEngine({ mode: "shared", home, entry, log: silentLogger });
  try {
    const file = path.join(world.repo.dir, "big.ts");
    const hover = async (line: number): Promise<number> => {
      const startMs = performance.now();
      const answer = await engine.why(quietOp(), { file, line });
      const words = hoverMarkdown(answer, Date.now());
      const tookMs = performance.now() - startMs;
      if (words === null) throw new Error(`Nothing is said of line ${line}.`);
      return tookMs;
    };
    const first = await hover(1);
    const warm: number[] = [];
    for (let round = 0; round < rounds; round += 1) {
      warm.push(await hover(1 + ((round * 2_311) % lines)));
      await new Promise((resolve) => setTimeout(resolve, betweenMs));
    }
    const name = (what: string) => `hover through the engine process, ${what}`;
    return [
      { name: name("first"), value: first, unit: "ms" },
      { name: name("median"), value: median(warm), unit: "ms" },
      { name: name("p95"), value: percentile(warm, 0.95), unit: "ms", limit: limitMs },
    ];
  } finally {
    await engine.close();
  }
}
