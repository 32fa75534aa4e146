import { statSync } from "node:fs";
import path from "node:path";

import { bootstrap, root } from "./bootstrap.mjs";
import { freePort } from "./free-port.mjs";
import { Missing, runMain } from "./say.mjs";

const usage = `npm start                    a sample repository with a recorded session, in VS Code
npm start -- FOLDER          your own folder and sessions
npm start -- --check DIR     without a window: verifies timeline and hover, pictures into DIR`;

/** @returns {Promise<number>} */
async function main() {
  const args = process.argv.slice(2);
  if (args.includes("--help")) {
    process.stdout.write(`${usage}\n`);
    return 0;
  }
  const check = args[0] === "--check" ? args[1] : undefined;
  if (
    (args[0] === "--check" && check === undefined) ||
    args.length > (check === undefined ? 1 : 2)
  ) {
    throw new Missing(`npm start takes a folder, or --check and a folder.\n${usage}`);
  }
  if (check === undefined && args[0] !== undefined) requireFolder(args[0]);

  // Asked before anything takes long, though only a window in the browser needs it.
  const port = await freePort(process.env["PORT"]);
  await bootstrap(import.meta.url);
  const { buildAll } = await import("./build.mjs");
  await buildAll();
  if (check !== undefined) {
    const { checkSample } = await import("./start-check.mjs");
    return checkSample(path.resolve(check));
  }
  const { openSample, openFolder } = await import("./start-window.mjs");
  const [folder] = args;
  if (folder === undefined) return openSample({ root, port });
  return openFolder({ root, port, folder: path.resolve(folder) });
}

function requireFolder(folder) {
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true) return;
  throw new Missing(`${folder} is not a folder; npm start opens a folder of yours.`);
}

/** A full disk, or a home that cannot be written, is a thing to know and not a fault of ours. */
async function mainOrMissing() {
  try {
    return await main();
  } catch (error) {
    if (error?.told !== undefined) throw new Missing(error.told);
    if (!String(error?.code ?? error?.message).includes("ENOSPC")) throw error;
    throw new Missing("The disk is full; free some space in the temporary folder and run again.");
  }
}

await runMain(mainOrMissing);
