// Imports the sessions below a folder into a home and prints the peak of its own memory in bytes.
// Arguments: home, folder.
import { homeAt } from "../../capture/base/home.ts";
import { quietOp } from "../../capture/base/op.ts";
import { adapters } from "../../capture/harness/registry.ts";
import { Ingest } from "../../capture/ingest/ingest.ts";

const [, , home, folder] = process.argv;
const ingest = await Ingest.open({
  home: homeAt(home),
  adapters,
  environment: { home, env: {} },
  consentOf: () => "on",
});
await ingest.importPaths(quietOp(), { paths: [folder] });
await ingest[Symbol.asyncDispose]();
process.stdout.write(`${process.resourceUsage().maxRSS * 1024}\n`);
