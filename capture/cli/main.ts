import { endOnBrokenOutput, processIo } from "./process-io.ts";
import { runCli } from "./run-cli.ts";

endOnBrokenOutput();
// Everything is written and let go of by then; what still keeps the event loop busy need not hold
// up the person who waits for the prompt.
void runCli(process.argv.slice(2), processIo()).then((code) => process.exit(code));
