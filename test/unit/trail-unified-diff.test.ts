import fc from "fast-check";
import { expect, test } from "vitest";
import { type DiffSide, hiddenContent, unifiedDiff } from "../../capture/trail/unified-diff.ts";
import { Repo } from "../support/repo.ts";

function side(text: string, path = "a.txt", mode: string | null = "100644"): DiffSide {
  return { path, text, mode };
}

function check(before: DiffSide | null, after: DiffSide | null, lines: readonly string[]): void {
  expect(unifiedDiff(before, after)).toBe(lines.map((line) => `${line}\n`).join(""));
}

test("nothing changed, nothing said", () => {
  expect(unifiedDiff(side("a\n"), side("a\n"))).toBe("");
});

test("a file that comes, one that goes, one that is renamed and one whose mode changes", () => {
  check(null, side("a\n"), [
    "diff --git a/a.txt b/a.txt",
    "new file mode 100644",
    "--- /dev/null",
    "+++ b/a.txt",
    "@@ -0,0 +1 @@",
    "+a",
  ]);
  check(side("a\n"), null, [
    "diff --git a/a.txt b/a.txt",
    "deleted file mode 100644",
    "--- a/a.txt",
    "+++ /dev/null",
    "@@ -1 +0,0 @@",
    "-a",
  ]);
  check(side("a\n"), side("a\n", "b.txt"), [
    "diff --git a/a.txt b/b.txt",
    "rename from a.txt",
    "rename to b.txt",
  ]);
  check(side("a\n"), side("b\n", "a.txt", "100755"), [
    "diff --git a/a.txt b/a.txt",
    "old mode 100644",
    "new mode 100755",
    "--- a/a.txt",
    "+++ b/a.txt",
    "@@ -1 +1 @@",
    "-a",
    "+b",
  ]);
});

test("a newline that comes or goes at the end is a change of the last line", () => {
  check(side("a\nb"), side("a\nb\n"), [
    "diff --git a/a.txt b/a.txt",
    "--- a/a.txt",
    "+++ b/a.txt",
    "@@ -1,2 +1,2 @@",
    " a",
    "-b",
    String.raw`\ No newline at end of file`,
    "+b",
  ]);
});

test("content that is not shown says that it differs", () => {
  check(side(hiddenContent), side(hiddenContent), [
    "diff --git a/a.txt b/a.txt",
    "Binary files a/a.txt and b/a.txt differ",
  ]);
});

test("names that would break the format are quoted", () => {
  const [first] = unifiedDiff(null, side("a\n", 'with "quotes"\tand tab')).split("\n");
  expect(first).toBe(
    String.raw`diff --git "a/with \"quotes\"\tand tab" "b/with \"quotes\"\tand tab"`,
  );
});

test("git itself applies our diffs, whatever changed", () => {
  const line = fc.constantFrom("a", "b", "c", "", "  d", "-e", "+f", "\\ g", "@@ h");
  const text = fc
    .tuple(fc.array(line, { maxLength: 30 }), fc.boolean())
    .map(([lines, isOpen]) =>
      lines.length === 0 ? "" : `${lines.join("\n")}${isOpen ? "" : "\n"}`,
    );
  const pairs = fc.sample(fc.tuple(text, text), { numRuns: 200, seed: 11 });
  using repo = new Repo();
  let patch = "";
  pairs.forEach(([before, after], at) => {
    repo.write(`f${at}.txt`, before);
    patch += unifiedDiff(side(before, `f${at}.txt`), side(after, `f${at}.txt`));
  });
  repo.write("all.patch", patch);
  repo.git("apply", "--whitespace=nowarn", "all.patch");
  pairs.forEach(([, after], at) => expect(repo.read(`f${at}.txt`)).toBe(after));
});
