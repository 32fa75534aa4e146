import { expect, test } from "vitest";

import { cwdIn } from "../../capture/ingest/work-tree-root.ts";

test.each([
  ["compact", '{"type":"user","cwd":"/a/b"}', "/a/b"],
  ["spaced", '{"type": "user", "cwd" : "/a/b"}', "/a/b"],
  ["escaped", String.raw`{"cwd":"/a/\"b\"\\c"}`, '/a/"b"\\c'],
  ["inside a text only", String.raw`{"text":"\"cwd\":\"/x\""}`, undefined],
  ["empty", '{"cwd":""}', undefined],
  ["absent", "{}", undefined],
])("the working folder of a line is read when it is %s", (_, line, expected) => {
  expect(cwdIn(Buffer.from(line))).toBe(expected);
});
