import { expect, test } from "vitest";

import type { CaptureState } from "../../capture/api.ts";
import { statusWords } from "../../extension/views/status-words.ts";

const state: CaptureState = {
  repository: "ok",
  root: "/r",
  consent: "on",
  hooksInstalled: false,
  liveTraces: [],
  lastStepAtMs: null,
  fault: null,
};
const fault = { code: "disk-full", message: "No space is left.", hint: "Free some." } as const;

test("what keeps a recorded repository from being recorded needs attention", () => {
  const words = statusWords({ ...state, fault }, 0);
  expect(words).toEqual({
    text: "! opentraces",
    tooltip: "Nothing is recorded now. No space is left. Free some.",
    command: "opentraces.doctor",
  });
});

test("it is quiet where nothing was to be recorded, or hooks alone are missing", () => {
  expect(statusWords({ ...state, consent: "paused", fault }, 0).text).toBe("‖ opentraces");
  expect(statusWords({ ...state, consent: "unasked", fault }, 0).text).toBe("○ opentraces");
  expect(statusWords(state, 0).text).toBe("○ opentraces");
});
