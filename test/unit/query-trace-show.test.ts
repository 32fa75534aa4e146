import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { silentLogger } from "../../capture/base/log.ts";
import { quietOp } from "../../capture/base/op.ts";
import { LocalEngine } from "../../capture/engine/local-engine.ts";
import { placeFixture, writeNative } from "../support/fixture.mjs";

const op = quietOp();
const trace = "claude-code:33333333-aaaa-4aaa-8aaa-000000000001";
let folder = "";
let engine: LocalEngine | undefined;
let callsMade: string[] = [];

beforeAll(async () => {
  folder = realpathSync(mkdtempSync(path.join(tmpdir(), "ot-trace-show-")));
  const { fixture, configFolder } = placeFixture("agents-errors", folder);
  writeNative(fixture, configFolder);
  callsMade = callsIn(fixture.requests.map(({ body }) => body));
  const env = {
    HOME: folder,
    OPENTRACES_HOME: path.join(folder, "ot"),
    CLAUDE_CONFIG_DIR: configFolder,
  };
  engine = await LocalEngine.open({ log: silentLogger, env });
  await engine.importSessions(op, { paths: [] });
}, 60_000);
afterAll(async () => {
  await engine?.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Ids of the calls that the model is shown to have made, from what it was sent afterwards. */
function callsIn(bodies: readonly unknown[]): string[] {
  const ids = JSON.stringify(bodies).matchAll(/"id":"(toolu_[^"]+)"/gu);
  return [...new Set([...ids].map(([, id]) => id ?? ""))].toSorted();
}

async function show(address: string) {
  if (engine === undefined) throw new Error("no engine yet");
  return engine.showTrace(op, { address });
}

describe("a session with sub-agents, shown whole", () => {
  test("has every call of the model once, those of the sub-agents included", async () => {
    const { steps } = await show(trace);
    const calls = steps.flatMap(({ tool }) => (tool === null ? [] : [tool.callId]));
    expect(callsMade.length).toBeGreaterThan(10);
    expect(calls.filter((id) => callsMade.includes(id)).toSorted()).toEqual(callsMade);
  });

  test("counts as many steps as its head says", async () => {
    const { trace: head, steps } = await show(trace);
    expect(steps).toHaveLength(head.steps);
  });

  test("shows a sub-agent's steps behind the step that started it, and says which", async () => {
    const { steps } = await show(trace);
    for (const [at, step] of steps.entries()) {
      if (step.agent === null) {
        expect(step.parent).toBeNull();
        continue;
      }
      const parent = Number(step.parent?.slice(`${trace}:`.length));
      expect(steps.findIndex(({ agent, index }) => agent === null && index === parent)).toBe(
        at - step.index - 1,
      );
    }
  });

  test("one file alone is what its address names", async () => {
    const { trace: head } = await show(trace);
    const { steps } = await show(`${trace}/${head.agents[0]}`);
    expect(steps.map(({ index }) => index)).toEqual(steps.map((_, i) => i));
    expect(new Set(steps.map(({ agent }) => agent))).toEqual(new Set([head.agents[0]]));
    expect((await show(`${trace}:0-3`)).steps.every(({ agent }) => agent === null)).toBe(true);
  });
});
