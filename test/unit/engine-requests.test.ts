import { expect, test } from "vitest";

import { quietOp } from "../../capture/base/op.ts";
import type { Engine } from "../../capture/engine/engine.ts";
import { callByName, engineMethods } from "../../capture/engine/methods.ts";

function recordingEngine(): { engine: Engine; requests: unknown[] } {
  const requests: unknown[] = [];
  const take = async (_: unknown, request: unknown) => void requests.push(request);
  const engine = Object.fromEntries(engineMethods.map((method) => [method, take]));
  // Safe: only called through `callByName`.
  return { engine: engine as unknown as Engine, requests };
}

const op = quietOp();

test.each([
  ["listTraces", undefined],
  ["listTraces", { limit: "5" }],
  ["timelineRows", { trace: "t", filter: "all", from: 0 }],
  ["timelineHead", { trace: "t", filter: "none" }],
  ["blame", { file: "a", lines: [1] }],
  ["stepFile", { address: "a", path: "b", side: "middle" }],
  ["setCapture", { repo: "/r", state: "unasked" }],
  ["reportEditor", { root: "/r", path: "a", kind: "typed", ranges: [[1]], atMs: 1 }],
] as const)("%s refuses what is no request of it: %j", async (method, request) => {
  const { engine, requests } = recordingEngine();
  const called = async () => callByName(engine, method, { op, request });
  await expect(called()).rejects.toMatchObject({
    code: "usage",
    message: expect.stringContaining(method),
  });
  expect(requests).toEqual([]);
});

test.each([
  ["captureOnce", undefined],
  ["importSessions", { paths: ["/a"], harness: "claude-code" }],
  ["blame", { file: "a", lines: [1, 2], unsaved: { text: "x" } }],
  ["timelineRows", { trace: "t", filter: "failed", query: "q", from: 0, count: 5 }],
  ["setup", { remove: false, dryRun: true }],
  ["reportEditor", { root: "/r", path: "a", kind: "saved", ranges: [[1, 2]], atMs: 1 }],
] as const)("%s gets its request as it was sent: %j", async (method, request) => {
  const { engine, requests } = recordingEngine();
  await callByName(engine, method, { op, request });
  expect(requests).toEqual([request]);
});
