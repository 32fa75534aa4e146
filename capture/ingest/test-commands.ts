/** Command families whose exit code says whether tests passed. */
const families: readonly RegExp[] = [
  /^(?:npm|pnpm|yarn|bun)\s+(?:run\s+)?(?:t|test|tests)(?::[\w:-]+)?$/,
  /^(?:npm|pnpm|yarn|bun)\s+(?:run\s+)?(?:t|test|tests)(?::[\w:-]+)?\s/,
  /^(?:npx\s+|pnpm\s+(?:exec\s+|dlx\s+)?|yarn\s+|bunx\s+)?(?:vitest|jest|mocha|ava|tap|playwright\s+test|cypress\s+run|karma\s+start)\b/,
  /^node\s+(?:\S+\s+)*--test\b/,
  /^deno\s+test\b/,
  /^(?:(?:uv|poetry|pipenv|hatch|pdm)\s+run\s+)?(?:pytest|py\.test|tox|nox)\b/,
  /^(?:(?:uv|poetry|pipenv|hatch|pdm)\s+run\s+)?python[\d.]*\s+-m\s+(?:pytest|unittest)\b/,
  /^(?:python[\d.]*\s+)?(?:\.\/)?manage\.py\s+test\b/,
  /^go\s+test\b/,
  /^cargo\s+(?:\+\S+\s+)?(?:test|nextest)\b/,
  /^(?:\.\/)?(?:mvnw?|gradlew?)\s+(?:\S+\s+)*(?:test|verify|check)\b/,
  /^dotnet\s+test\b/,
  /^(?:bundle\s+exec\s+)?(?:rspec|rake\s+(?:test|spec)|minitest)\b/,
  /^(?:bin\/)?rails\s+test\b/,
  /^(?:\.\/vendor\/bin\/|vendor\/bin\/)?(?:phpunit|pest)\b/,
  /^mix\s+test\b/,
  /^swift\s+test\b/,
  /^(?:ctest|bazel\s+test|make\s+(?:test|check)|just\s+test)\b/,
  /^zig\s+(?:build\s+)?test\b/,
  /^flutter\s+test\b/,
];

/** Words before a command that change nothing about what it is. */
const prefixes = /^(?:(?:sudo|time|env|command|exec|nice|timeout\s+\S+|[A-Z_][A-Z0-9_]*=\S*)\s+)+/;

/** Commands longer than this are scripts; what their exit code says is anyone's guess. */
const commandCharsMax = 4_000;

/**
 * The test run that a shell command ends with, if the command's exit code is the run's own.
 *
 * A pipe, `||` and a later command put another exit code in its place; `set -o pipefail` gives a
 * pipe's back. Null where the exit code says nothing about tests.
 */
export function testCommandIn(command: string): string | null {
  if (command.length > commandCharsMax) return null;
  const bare = withoutQuotes(command);
  const parts = bare.split(/&&|;|\n/).filter((part) => part.trim() !== "");
  const last = parts.at(-1);
  if (last === undefined || last.includes("||") || /(?:^|[^>&])&(?!>|\d)/.test(last)) return null;
  const [run = "", ...piped] = last.split("|");
  if (piped.length > 0 && !/\bset\s+(?:-\w+\s+)*-\w*o\s+pipefail\b/.test(bare)) return null;
  if (!families.some((family) => family.test(run.trim().replace(prefixes, "")))) return null;
  const start = bare.lastIndexOf(last);
  return command.slice(start, start + last.length).trim();
}

/** Quoted text may hold anything; its place is kept, so that positions stay as they are. */
function withoutQuotes(command: string): string {
  return command.replaceAll(/'[^']*'|"(?:[^"\\]|\\.)*"/g, (quoted) => "_".repeat(quoted.length));
}
