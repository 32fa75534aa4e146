import { describe, expect, test } from "vitest";

import {
  applyHunks,
  applyReplacement,
  type RecordedHunk,
  showsHunks,
} from "../../capture/harness/claude-code/apply-patch.ts";
import type { RecordedEdit } from "../../capture/model/trace.ts";
import { foldLines } from "../support/claude-fold.ts";
import { type ClaudeLines, session } from "../support/claude-lines.ts";

const root = "/home/dev/shop";
const file = `${root}/src/a.js`;

describe("recorded hunks", () => {
  const hunk = (oldStart: number, lines: readonly string[]): RecordedHunk => ({
    oldStart,
    oldLines: lines.filter((line) => !line.startsWith("+")).length,
    newStart: oldStart,
    newLines: lines.filter((line) => !line.startsWith("-")).length,
    lines,
  });

  test("apply where they say and nowhere else", () => {
    expect(applyHunks("a\nb\nc\n", [hunk(1, [" a", "-b", "+B", " c"])])).toBe("a\nB\nc\n");
    expect(applyHunks("x\na\nb\nc\n", [hunk(1, [" a", "-b", "+B", " c"])])).toBeUndefined();
    expect(applyHunks("a\nb\nc\nd\n", [hunk(1, ["-a"]), hunk(4, [" d", "+e"])])).toBe(
      "b\nc\nd\ne\n",
    );
  });

  test("keep the end of a file that has no newline", () => {
    const added = [" a", "-b", "\\ No newline at end of file", "+b", "+c"];
    expect(applyHunks("a\nb", [hunk(1, added)])).toBe("a\nb\nc\n");
    expect(applyHunks("a\nb", [hunk(1, [" a", "-b", "+c"])])).toBeUndefined();
  });

  test("agree with an outcome although tabs are shown as spaces in them", () => {
    const shown = [hunk(1, ["   a", "-  b", "+  c"])];
    expect(showsHunks("\ta\n\tc\n", shown)).toBe(true);
    expect(showsHunks("\ta\n\tx\n", shown)).toBe(false);
    expect(showsHunks("\tc\n", shown)).toBe(false);
  });
});

test.each([
  { before: "a b a", change: ["b", "c"], after: "a c a" },
  { before: "a b a", change: ["a", "c"], after: undefined },
  { before: "a b a", change: ["a", "c"], isAll: true, after: "c b c" },
  { before: "a\nb\nc\n", change: ["b", ""], after: "a\nc\n" },
  { before: "a", change: ["x", "y"], after: undefined },
  { before: "", change: ["", "new"], after: "new" },
  { before: "$a", change: ["a", "$&"], after: "$$&" },
])("in $before, $change makes $after", ({ before, change, isAll = false, after }) => {
  const [oldString = "", newString = ""] = change;
  expect(applyReplacement(before, { oldString, newString, isAll })).toBe(after);
});

/** Edits of the one call in `lines`. */
function editsOf(lines: ClaudeLines): readonly RecordedEdit[] {
  const { trace } = foldLines(lines.lines, { root });
  return [...trace.edits.values()].flat();
}

function edited(name: string, input: unknown, outcome: unknown): ClaudeLines {
  return session().call("t1", name, input).result("t1", "done", { toolUseResult: outcome });
}

const hunks = [{ oldStart: 1, oldLines: 2, newStart: 1, newLines: 2, lines: [" a", "-b", "+B"] }];

test("an edit is the recorded patch on the recorded original", () => {
  const outcome = {
    filePath: file,
    oldString: "b",
    newString: "B",
    originalFile: "a\nb\n",
    structuredPatch: hunks,
    userModified: true,
  };
  expect(editsOf(edited("Edit", {}, outcome))).toEqual([
    { path: "src/a.js", op: "modify", before: "a\nb\n", after: "a\nB\n", userModified: true },
  ]);
});

test("an edit of a file with tabs falls back on its strings, if the patch agrees", () => {
  const outcome = {
    filePath: file,
    oldString: "b",
    newString: "B",
    originalFile: "\ta\n\tb\n",
    structuredPatch: [{ ...hunks[0], lines: ["   a", "-  b", "+  B"] }],
  };
  const [edit] = editsOf(
    edited(
      "Edit",
      {},
      {
        ...outcome,
        originalFile: "\tb\n",
        structuredPatch: [
          { oldStart: 1, oldLines: 1, newStart: 1, newLines: 1, lines: ["-  b", "+  B"] },
        ],
      },
    ),
  );
  expect(edit?.after).toBe("\tB\n");

  const [contradicted] = editsOf(edited("Edit", {}, { ...outcome, newString: "C" }));
  expect(contradicted).toEqual({ path: "src/a.js", op: "modify", before: "\ta\n\tb\n" });
});

test("replace_all, a creation, an overwrite, several edits and a notebook have both sides", () => {
  const all = {
    filePath: file,
    oldString: "v",
    newString: "w",
    originalFile: "v v\n",
    replaceAll: true,
  };
  expect(editsOf(edited("Edit", {}, all))[0]).toMatchObject({ before: "v v\n", after: "w w\n" });

  const created = { type: "create", filePath: file, content: "new\n", originalFile: null };
  expect(editsOf(edited("Write", {}, created))).toEqual([
    { path: "src/a.js", op: "create", before: null, after: "new\n" },
  ]);

  const updated = { type: "update", filePath: file, content: "new\n", originalFile: "old\n" };
  expect(editsOf(edited("Write", {}, updated))).toEqual([
    { path: "src/a.js", op: "modify", before: "old\n", after: "new\n" },
  ]);

  const several = {
    filePath: file,
    originalFileContents: "a b\n",
    edits: [
      { old_string: "a", new_string: "x" },
      { old_string: "b", new_string: "y" },
    ],
  };
  expect(editsOf(edited("MultiEdit", {}, several))[0]).toMatchObject({ after: "x y\n" });

  const notebook = { notebook_path: `${root}/n.ipynb`, original_file: "{}", updated_file: "{1}" };
  expect(editsOf(edited("NotebookEdit", {}, notebook))).toEqual([
    { path: "n.ipynb", op: "modify", before: "{}", after: "{1}" },
  ]);

  const empty = { filePath: file, oldString: "", newString: "x\n", originalFile: null };
  expect(editsOf(edited("Edit", {}, empty))[0]).toMatchObject({
    op: "create",
    before: null,
    after: "x\n",
  });
});

test("a failed edit changed nothing", () => {
  const lines = session()
    .call("t1", "Edit", { file_path: file, old_string: "x", new_string: "y" })
    .result("t1", "<tool_use_error>String not found</tool_use_error>", { is_error: true });
  const { trace } = foldLines(lines.lines, { root });

  expect(trace.edits.size).toBe(0);
  expect(trace.steps[0]?.tool).toMatchObject({ error: true, output: "String not found" });
});

test("a sub-agent's edit, which has no recorded outcome, starts from what it read last", () => {
  const edit = (old_string: string, new_string: string) => ({
    file_path: file,
    old_string,
    new_string,
  });
  const lines = session()
    .call("t1", "Read", { file_path: file })
    .result("t1", "1\tone\n2\ttwo\n3\t")
    .call("t2", "Edit", edit("two", "2"))
    .result("t2", "The file has been updated successfully.")
    .call("t3", "Edit", edit("2", "zwei"))
    .result("t3", "The file has been updated successfully.")
    .call("t4", "Edit", edit("not there", "x"))
    .result("t4", "The file has been updated successfully.")
    .call("t5", "Write", { file_path: `${root}/new.txt`, content: "n\n" })
    .result("t5", "File created successfully at: new.txt");

  expect(editsOf(lines)).toEqual([
    { path: "src/a.js", op: "modify", before: "one\ntwo\n", after: "one\n2\n" },
    { path: "src/a.js", op: "modify", before: "one\n2\n", after: "one\nzwei\n" },
    { path: "src/a.js", op: "modify" },
    { path: "new.txt", op: "create", before: null, after: "n\n" },
  ]);
});

test("a partial read is no ground for an edit", () => {
  const lines = session()
    .call("t1", "Read", { file_path: file, offset: 1, limit: 2 })
    .result("t1", "1\tone\n2\ttwo")
    .call("t2", "Edit", { file_path: file, old_string: "two", new_string: "2" })
    .result("t2", "The file has been updated successfully.");

  expect(editsOf(lines)).toEqual([{ path: "src/a.js", op: "modify" }]);
});
