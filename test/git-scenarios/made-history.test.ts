import { expect, test } from "vitest";
import { blamedHistory } from "../support/blamed-history.ts";
import "../support/slow-tests.ts";

test("sessions without snapshots are found behind the commits of a made history", async () => {
  const { notes, ...found } = await blamedHistory({ seed: 7, commits: 30 });
  expect(found.firstShare, notes.join("\n")).toBeGreaterThanOrEqual(0.9);
  expect(found.explainedShare, notes.join("\n")).toBeGreaterThanOrEqual(0.92);
  expect(found.wrongShare, notes.join("\n")).toBeLessThanOrEqual(0.02);
});
