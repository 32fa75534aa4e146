import { homeAt } from "../../capture/base/home.ts";
import { runEngine } from "../../capture/engine/run-engine.ts";

// Run as a process: `engine-as-version.ts HOME VERSION`.
const [root = "", version = ""] = process.argv.slice(2);
const log = {
  log(level: string, event: string, fields?: object): void {
    process.stderr.write(`${JSON.stringify({ level, event, ...fields })}\n`);
  },
};
await runEngine({ home: homeAt(root), idleMs: 30_000, log, version });
process.exit(0);
