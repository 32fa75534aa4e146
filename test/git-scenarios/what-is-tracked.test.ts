import { expect, test } from "vitest";

import { quietOp } from "../../capture/base/op.ts";
import type { TrackAnswer } from "../../capture/model/answers.ts";
import { trackPatch, trackSince } from "../../capture/query/track.ts";
import { Scenario } from "../support/scenario.ts";

const op = quietOp();

/** Two sessions, the second after a commit of the first's work; its own is not committed. */
async function twoSessions() {
  const world = await Scenario.open();
  world.repo.commit("Begin", { "a.txt": "one\n" });
  const first = await world.session("A");
  await first.prompt();
  await first.write("a.txt", "one\nby A\n");
  await first.stop();
  world.commit("First");
  const betweenMs = world.tick();
  const second = await world.session("B");
  await second.prompt();
  await second.write("b.txt", "by B\n");
  await second.stop();
  await world.capture();
  return { world, first, betweenMs };
}

function told(world: Scenario, { patches }: TrackAnswer): string[] {
  return patches.map(
    ({ trace, step, path, state }) => `${world.nameOf(trace, step)} ${path} ${state}`,
  );
}

test("everything since a time is tracked, whichever session did it", async () => {
  const { world, betweenMs } = await twoSessions();
  await using _ = world;
  using context = await world.context();
  const all = await trackSince(op, context, { sinceMs: 0 });
  expect(told(world, all)).toEqual(["A:1 a.txt alive", "B:1 b.txt pending"]);
  const late = await trackSince(op, context, { sinceMs: betweenMs });
  expect(told(world, late)).toEqual(["B:1 b.txt pending"]);
  expect(late.totals).toMatchObject({ alive: 0, pending: 1 });
  const atFirst = await trackSince(op, context, { sinceMs: 0, at: "HEAD~1" });
  expect(told(world, atFirst)).toEqual(["A:1 a.txt lost", "B:1 b.txt pending"]);
});

test("one patch is tracked by the first digits of its id", async () => {
  const { world, first } = await twoSessions();
  await using _ = world;
  using context = await world.context();
  const [patch] = await world.patches(first);
  const id = patch?.id ?? "";
  const found = await trackPatch(op, context, { patch: id.slice(0, 8) });
  expect(found.patches).toEqual([patch]);
  await expect(trackPatch(op, context, { patch: "0000000000" })).rejects.toMatchObject({
    code: "not-found",
  });
});
