import { homeAt, homeFrom } from "../base/home.ts";
import type { Logger } from "../base/log.ts";
import { runEngine } from "./run-engine.ts";

/** How long the engine stays after its last client has gone. */
const idleMsDefault = 30_000;

const stderrLogger: Logger = {
  log(level, event, fields) {
    if (level === "debug") return;
    const line = JSON.stringify({ at: new Date().toISOString(), level, event, ...fields });
    process.stderr.write(`${line}\n`);
  },
};

/** `main --home DIR [--idle-ms N]`: what starts the process gives both, a person neither. */
async function main(args: readonly string[]): Promise<void> {
  const named = valueOf(args, "--home");
  const home = named === undefined ? homeFrom(process.env) : homeAt(named);
  const idleMs = Number(valueOf(args, "--idle-ms") ?? idleMsDefault);
  await runEngine({ home, idleMs, log: stderrLogger });
}

void main(process.argv.slice(2)).then(
  () => process.exit(0),
  (error: unknown) => {
    stderrLogger.log("error", "engine.failed", { message: String(error) });
    process.exit(1);
  },
);

function valueOf(args: readonly string[], name: string): string | undefined {
  const at = args.indexOf(name);
  return at === -1 ? undefined : args[at + 1];
}
