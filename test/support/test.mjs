import { bootstrap, root } from "./bootstrap.mjs";
import { Missing, runMain, say, seconds } from "./say.mjs";

/**
 * Runs every check, or those named on the command line, and says `N passed, N failed` last.
 *
 * @returns {Promise<number>} 1 when anything failed.
 */
async function main() {
  await bootstrap(import.meta.url);
  const { checks } = await import("./checks.mjs");
  const { buildAll } = await import("./build.mjs");

  const startMs = Date.now();
  const chosen = chooseFrom(checks, process.argv.slice(2));
  if (chosen.some((check) => check.needsBuild)) await buildAll();

  const total = { passed: 0, failed: 0 };
  for (const check of chosen) {
    const checkStartMs = Date.now();
    await check.prepare?.();
    const { passed, failed, report } = await check.run(root);
    total.passed += passed;
    total.failed += failed;
    const counts = failed > 0 ? `${failed} FAILED, ${passed} passed` : `${passed} passed`;
    say(`${check.name.padEnd(8)} ${counts} (${seconds(checkStartMs)})`);
    if (report !== "") say(report);
  }
  say(`All in ${seconds(startMs)}.`);
  process.stdout.write(`${total.passed} passed, ${total.failed} failed\n`);
  return total.failed === 0 && total.passed > 0 ? 0 : 1;
}

function chooseFrom(checks, names) {
  if (names.length === 0) return checks;
  const unknown = names.filter((name) => !checks.some((check) => check.name === name));
  if (unknown.length > 0) {
    const known = checks.map((check) => check.name).join(", ");
    throw new Missing(`No check is called ${unknown.join(", ")}; there are ${known}.`);
  }
  return checks.filter((check) => names.includes(check.name));
}

await runMain(main);
