import { expect, test } from "vitest";

import { visibleAnswer } from "../../extension/views/visible-answer.ts";

test("an answer to the page shows control characters and turned writing", () => {
  const answer = {
    version: 3,
    rows: [{ label: "red\u001b[31m", path: "a\u202eb.js", children: [{ detail: "a\u202eb" }] }],
    none: null,
  };
  expect(visibleAnswer(answer)).toEqual({
    version: 3,
    rows: [{ label: "red␛[31m", path: "a\u202eb.js", children: [{ detail: "a\ufffdb" }] }],
    none: null,
  });
});
