/** What a person must know or do first; shown as one sentence, without a stack. */
export class Missing extends Error {}

/** @param {string} text One line of progress, on stderr so that stdout stays for results. */
export function say(text) {
  process.stderr.write(`${text}\n`);
}

/**
 * Runs an entry script's main function and turns what it throws into an exit code.
 *
 * @param {() => Promise<number | void>} main Resolves to the exit code, 0 when it gives none.
 */
export async function runMain(main) {
  try {
    process.exitCode = (await main()) ?? 0;
  } catch (error) {
    say(error instanceof Missing ? error.message : String(error?.stack ?? error));
    process.exitCode = 1;
  }
}

/** @param {number} sinceMs A `Date.now()` from before. */
export function seconds(sinceMs) {
  return `${((Date.now() - sinceMs) / 1000).toFixed(1)} s`;
}
