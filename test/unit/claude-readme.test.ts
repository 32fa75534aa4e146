import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

import { skippedTypes } from "../../capture/harness/claude-code/known-names.ts";
import {
  AssistantLine,
  AttachmentLine,
  SystemLine,
  UserLine,
} from "../../capture/harness/claude-code/lines.ts";
import { toolKinds } from "../../capture/harness/claude-code/tools.ts";

const readme = readFileSync(
  new URL("../../capture/harness/claude-code/README.md", import.meta.url),
  "utf8",
);

/** Rows of the first table below a heading, cell by cell. */
function tableBelow(heading: string): string[][] {
  const section = readme.split(`\n${heading}\n`)[1]?.split(/\n##/)[0] ?? "";
  const rows = section.split("\n").filter((line) => line.startsWith("| "));
  return rows.slice(2).map((row) => row.slice(2, -2).split(" | "));
}

const named = (text: string) => [...text.matchAll(/`([^`]+)`/g)].map(([, name]) => name ?? "");
const shared = Object.keys(UserLine.shape).filter((field) => field in SystemLine.shape);

test("the fields of every transcript line are those that are read", () => {
  const fields = tableBelow("### Every transcript line").flatMap(([field = ""]) => named(field));
  expect(fields).toEqual(shared.filter((field) => field !== "type"));
});

test.each([
  ["user", UserLine],
  ["assistant", AssistantLine],
  ["system", SystemLine],
  ["attachment", AttachmentLine],
] as const)("the fields of %s lines are those that are read", (type, schema) => {
  const fields = tableBelow(`### \`${type}\``).flatMap(([field = ""]) => named(field));
  const own = Object.keys(schema.shape).filter((field) => !shared.includes(field));
  expect(fields).toEqual(own);
});

test("the skipped types are listed", () => {
  const sentence = readme.split("\n").find((line) => line.startsWith("Skipped on purpose")) ?? "";
  expect(named(sentence)).toEqual([...skippedTypes]);
});

test("each tool stands under its kind", () => {
  const listed = tableBelow("## Tools").flatMap(([kind = "", tools = ""]) =>
    named(tools).map((tool) => [tool, kind]),
  );
  expect(listed).toEqual([...toolKinds]);
});
