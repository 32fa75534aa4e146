import { describe, expect, test } from "vitest";

import { type Address, parseAddress, selectSteps } from "../../capture/query/address.ts";

function check(text: string, expected: Address): void {
  expect(parseAddress(text)).toEqual(expected);
}

describe("an address", () => {
  test("without a selection means the whole session", () => {
    check("claude-code:1111-22", {
      trace: "claude-code:1111-22",
      agent: null,
      selection: { kind: "all" },
    });
    check("111122", { trace: "111122", agent: null, selection: { kind: "all" } });
  });

  test("a native id of digits is not taken for a step", () => {
    check("codex:123456", { trace: "codex:123456", agent: null, selection: { kind: "all" } });
    check("codex:123456:7", {
      trace: "codex:123456",
      agent: null,
      selection: { kind: "step", index: 7 },
    });
  });

  test("selects a step, the last one, or a range with both ends", () => {
    check("111122:14", { trace: "111122", agent: null, selection: { kind: "step", index: 14 } });
    check("111122:last", { trace: "111122", agent: null, selection: { kind: "last" } });
    check("111122:2-5", {
      trace: "111122",
      agent: null,
      selection: { kind: "range", from: 2, to: 5 },
    });
  });

  test("names a sub-agent behind a slash", () => {
    check("claude-code:1111/a0dc:3", {
      trace: "claude-code:1111",
      agent: "a0dc",
      selection: { kind: "step", index: 3 },
    });
  });

  test("refuses an empty trace and a range that ends before it begins", () => {
    expect(() => parseAddress("")).toThrow(/names no trace/u);
    expect(() => parseAddress("111122:5-2")).toThrow(/ends before/u);
  });

  test("refuses what stands for steps and is none", () => {
    for (const text of ["111122:-1", "111122:a", "claude-code:111122:a", "111122:3-"]) {
      expect(() => parseAddress(text)).toThrow(/does not name steps/u);
    }
  });

  test("a step that is not there is not found, and the answer says which are", () => {
    expect(selectSteps(["a", "b"], parseAddress("111122:1-9"))).toEqual(["b"]);
    expect(() => selectSteps(["a", "b"], parseAddress("111122:2"))).toThrow(/no step 2/u);
  });
});
