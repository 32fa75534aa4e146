import { expect, test } from "vitest";

import { errorCodes } from "../../capture/base/errors.ts";
import { commandTable } from "../../capture/cli/command-table.ts";
import { laterVerbs } from "../../capture/cli/later-verbs.ts";
import { schemaOf } from "../../capture/cli/render/json.ts";
import { engineThatSays } from "../support/cli-engine.ts";
import { runOt } from "../support/cli-io.ts";

// What scripts rely on, written out: a change here is a new version and a line in the changelog.

test("these are the verbs, and these the schemas of their answers", () => {
  const schemas = Object.fromEntries(commandTable.map(({ verb }) => [verb, schemaOf(verb)]));
  expect(schemas).toEqual({
    setup: "opentraces.setup.v1",
    import: "opentraces.import.v1",
    capture: "opentraces.capture.v1",
    "capture pause": "opentraces.capture.pause.v1",
    "capture resume": "opentraces.capture.resume.v1",
    "capture exclude": "opentraces.capture.exclude.v1",
    hook: "opentraces.hook.v1",
    "trace list": "opentraces.trace.list.v1",
    "trace show": "opentraces.trace.show.v1",
    why: "opentraces.why.v1",
    "trail blame": "opentraces.trail.blame.v1",
    "trail blame commit": "opentraces.trail.blame.commit.v1",
    "trail blame pr": "opentraces.trail.blame.pr.v1",
    "trail track": "opentraces.trail.track.v1",
    "trail diff": "opentraces.trail.diff.v1",
    "bucket gc": "opentraces.bucket.gc.v1",
    status: "opentraces.status.v1",
    doctor: "opentraces.doctor.v1",
    help: "opentraces.help.v1",
  });
});

test("these are the options of each verb", () => {
  const options = Object.fromEntries(
    commandTable.map((spec) => [spec.verb, spec.options.map(({ name }) => name)]),
  );
  expect(options).toEqual({
    setup: ["remove", "dry-run"],
    import: ["harness"],
    capture: ["once"],
    "capture pause": ["repo"],
    "capture resume": ["repo"],
    "capture exclude": ["repo"],
    hook: [],
    "trace list": ["repo", "since", "limit"],
    "trace show": ["full"],
    why: ["rev"],
    "trail blame": ["rev", "lines"],
    "trail blame commit": [],
    "trail blame pr": ["base"],
    "trail track": ["at", "patch", "since"],
    "trail diff": [],
    "bucket gc": ["repo", "older-than", "dry-run"],
    status: [],
    doctor: [],
    help: [],
  });
});

test("these are the error codes, and these their exit codes", () => {
  expect(errorCodes).toEqual({
    failed: 1,
    cancelled: 1,
    usage: 2,
    "not-ready": 3,
    "setup-missing": 3,
    "gate-blocked": 3,
    "consent-missing": 3,
    "no-repository": 3,
    "home-read-only": 3,
    "not-found": 4,
    "ambiguous-trace": 4,
    "data-damaged": 5,
    busy: 6,
    "disk-full": 1,
    "limit-exceeded": 1,
    "git-failed": 1,
    "git-missing": 3,
    "engine-unreachable": 1,
    "version-mismatch": 1,
    "needs-person": 10,
  });
});

test("`ot help errors` prints that table, for people and for programs", async () => {
  const text = await runOt(["help", "errors"]);
  const printed = [...text.out.matchAll(/^(?<code>[a-z-]+) +(?<exit>\d+) {2}\S/gmu)];
  const table = printed.map(({ groups }) => [groups?.["code"], Number(groups?.["exit"])]);
  expect(table).toEqual(Object.entries(errorCodes));
  const json = await runOt(["help", "errors", "--json"]);
  const { errors } = JSON.parse(json.out);
  expect(
    errors.map(({ code, exitCode }: { code: string; exitCode: number }) => [code, exitCode]),
  ).toEqual(Object.entries(errorCodes));
});

test("every answer begins with its schema and the status", async () => {
  const run = await runOt(["trace", "list", "--json"], { engine: engineThatSays("x") });
  expect(run.out).toMatch(/^\{"schema":"opentraces\.trace\.list\.v1","status":"ok",/u);
  const failed = await runOt(["trace", "--json"]);
  expect(failed.out).toMatch(
    /^\{"schema":"opentraces\.error\.v1","status":"error","error":\{"code":"usage","message":/u,
  );
});

test.each(laterVerbs)("ot %s says plainly that this version does not have it", async (verb) => {
  const run = await runOt([...verb.split(" "), "--json"]);
  expect(run.code).toBe(2);
  expect(JSON.parse(run.out).error.message).toMatch(/is not part of this version\.$/u);
  const help = await runOt(["--help"]);
  expect(help.out).not.toContain(`ot ${verb} `);
});
