// Grows a native file line by line and takes each in, until somebody kills it.
// Arguments: home, native folder, number of the first line. Prints each number when it is in.
import { appendFile } from "node:fs/promises";
import { join } from "node:path";
import { homeAt } from "../../capture/base/home.ts";
import { quietOp } from "../../capture/base/op.ts";
import { Ingest } from "../../capture/ingest/ingest.ts";
import { toyAdapter } from "./toy-adapter.ts";

const [, , home, native, first] = process.argv;
const ingest = await Ingest.open({
  home: homeAt(home),
  adapters: [toyAdapter(native)],
  environment: { home, env: {} },
  consentOf: () => "on",
});
for (let number = Number(first); ; number += 1) {
  const edit = {
    path: "a.js",
    before: `${number}\n`,
    after: `${number + 1}\n`.repeat(number % 50),
  };
  const lines = [
    { uuid: `${number}`, say: "x".repeat(number * 500) },
    { uuid: `${number}e`, cwd: "/nowhere", edit },
  ];
  const text = lines.map((line) => `${JSON.stringify(line)}\n`).join("");
  await appendFile(join(native, "session-1.jsonl"), text);
  await ingest.importPaths(quietOp(), { paths: [] });
  process.stdout.write(`${number}\n`);
}
