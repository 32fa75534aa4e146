import { plural } from "../../capture/base/words.ts";
import { describe, expect, test } from "vitest";

import { count, duration } from "../../webview/shared/format.ts";
import { pauseShorteningScale } from "../../webview/apps/timeline/scale.ts";

describe("times and numbers in the timeline", () => {
  test("a duration is said in the largest unit that tells something", () => {
    expect([0, 240, 2_100, 12_400, 360_000, 7_500_000, 259_200_000].map(duration)).toEqual([
      "0 ms",
      "240 ms",
      "2.1 s",
      "12 s",
      "6 min",
      "2 h 5 min",
      "3 d",
    ]);
  });

  test("a count is short from a thousand on", () => {
    expect([0, 980, 1_000, 1_234, 41_000, 999_999, 1_300_000].map(count)).toEqual([
      "0",
      "980",
      "1k",
      "1.2k",
      "41k",
      "1M",
      "1.3M",
    ]);
  });

  test("one is not plural", () => {
    expect([plural(1, "step"), plural(0, "step"), plural(18, "step")]).toEqual([
      "1 step",
      "0 steps",
      "18 steps",
    ]);
  });
});

describe("the strip's scale", () => {
  test("puts the first time at 0 and the last at 1, in order", () => {
    const scale = pauseShorteningScale([1_000, 0, 4_000]);
    expect([0, 1_000, 2_500, 4_000].map((atMs) => scale.at(atMs))).toEqual([0, 0.25, 0.625, 1]);
  });

  test("a night's pause takes no more room than five minutes", () => {
    const fiveMinutes = 5 * 60_000;
    const night = 10 * 60 * 60_000;
    const scale = pauseShorteningScale([0, fiveMinutes, fiveMinutes + night]);
    expect(scale.at(fiveMinutes)).toBe(0.5);
  });

  test("one time alone stands at the left", () => {
    expect(pauseShorteningScale([7]).at(7)).toBe(0);
  });
});
