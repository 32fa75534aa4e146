import { afterAll } from "vitest";

import { makeSample, playSample, removeSample } from "../support/sample.mjs";
import { hostSuite } from "./host/run-in-host.ts";

const samples: Awaited<ReturnType<typeof makeSample>>[] = [];
afterAll(() => samples.forEach(removeSample));

hostSuite("in a real extension host", async () => {
  const sample = await makeSample("simple-fix");
  samples.push(sample);
  await playSample(sample);
  const { repository, home, env } = sample;
  return { suite: "all", folder: repository, home, env };
});
