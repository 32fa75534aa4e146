import { expect, test } from "vitest";
import { Scenario } from "../support/scenario.ts";
import "../support/slow-tests.ts";

const older = (count: number): string[] => Array.from({ length: count }, () => "unknown");

const code = [
  "export function first() {",
  "  return null;",
  "}",
  "",
  "export function last() {",
  "  return null;",
  "}",
  "",
].join("\n");

async function begin(content = code) {
  const scenario = await Scenario.open();
  scenario.repo.commit("Begin", { "a.js": content });
  const a = await scenario.session("A");
  await a.prompt();
  return { scenario, a };
}

test("row 58: white space and quotes changed by a formatter leave the lines alive", async () => {
  const { scenario, a } = await begin();
  await using _ = scenario;
  const step = await a.write("b.js", "const a = 'one'\nif(a){\n\tcall( a )\n}\n");
  await a.stop();
  scenario.user({ "b.js": 'const a = "one"\nif (a) {\n  call(a)\n}\n' });
  scenario.commit();
  await scenario.capture();
  expect(await scenario.owners("b.js")).toEqual([step, step, step, step]);
  expect(await scenario.fates(a)).toEqual(["1 b.js alive 1 E4 reformatted"]);
  expect((await scenario.why("b.js", 1)).evidence).toBe("carried");
  expect(scenario.broken).toEqual([]);
});

test("row 58: where a formatter changes tokens the patch is transformed", async () => {
  const { scenario, a } = await begin();
  await using _ = scenario;
  const step = await a.write("b.js", "const a = one\nconst b =\n  two(a)\n");
  await a.stop();
  scenario.user({ "b.js": "const a = one;\nconst b = two(a)\n" });
  scenario.commit();
  await scenario.capture();
  expect(await scenario.owners("b.js")).not.toContain(step);
  expect((await scenario.patches(a))[0]?.state).toBe("transformed");
  expect((await scenario.why("b.js", 1)).lineage[0]).toMatchObject({
    owner: { kind: "step", step: 1 },
    how: "derived",
  });
  expect(scenario.broken).toEqual([]);
});

const unformatted = "const a = 'one'\nconst b =\n  two(a)\nconst c = 3;\n";
const formatted = 'const a = "one"\nconst b = two(a);\nconst c = 3;\n';

test("row 58: a formatter that the editor saw owns what it made, and no E4 line", async () => {
  const { scenario, a } = await begin();
  await using _ = scenario;
  const step = await a.write("b.js", unformatted);
  await a.stop();
  await scenario.formats("b.js", formatted, [1, 2]);
  await scenario.capture();
  expect(await scenario.owners("b.js")).toEqual([step, "formatter", step]);
  expect((await scenario.why("b.js", 2)).lineage[0]).toMatchObject({
    owner: { kind: "step", step: 1 },
    how: "derived",
  });
  // The same once a later snapshot has seen it, and once it is committed.
  await a.prompt();
  await a.bash("true");
  await a.stop();
  await scenario.capture();
  expect(await scenario.owners("b.js")).toEqual([step, "formatter", step]);
  scenario.commit();
  await scenario.capture();
  expect(await scenario.owners("b.js")).toEqual([step, "formatter", step]);
  expect(scenario.broken).toEqual([]);
});

test("row 58: a line that the user typed and the formatter finished is the user's", async () => {
  const { scenario, a } = await begin();
  await using _ = scenario;
  const step = await a.write("b.js", unformatted);
  await a.stop();
  await scenario.types("b.js", `${unformatted}const d=4\n`, [5, 5]);
  await scenario.formats("b.js", `${formatted}const d = 4;\n`, [1, 2], [4, 4]);
  await scenario.types("b.js", `${formatted}const d = 4;\n`, [4, 4]);
  await a.prompt();
  await a.bash("true");
  await a.stop();
  await scenario.capture();
  expect(await scenario.owners("b.js")).toEqual([step, "formatter", step, "human"]);
  expect(scenario.broken).toEqual([]);
});

test("row 59: a formatter that the agent runs over human code owns nothing of it", async () => {
  const { scenario, a } = await begin("function f(){\nreturn 'x'\n}\n");
  await using _ = scenario;
  await a.bash("npx prettier -w a.js", () => {
    scenario.repo.write("a.js", 'function f() {\n  return "x"\n}\n');
  });
  await a.stop();
  scenario.commit();
  await scenario.capture();
  expect(await scenario.owners("a.js")).toEqual(older(3));
  expect(scenario.broken).toEqual([]);
});

test("row 61: an agent's block that the user re-indents stays the agent's", async () => {
  const { scenario, a } = await begin();
  await using _ = scenario;
  const step = await a.write("b.js", "start();\nwork();\nend();\n");
  await a.stop();
  scenario.user({ "b.js": "if (ready) {\n  start();\n  work();\n  end();\n}\n" });
  scenario.commit();
  await scenario.capture();
  expect(await scenario.owners("b.js")).toEqual(["human", step, step, step, "human"]);
  expect((await scenario.patches(a))[0]?.state).toBe("alive");
  expect(scenario.broken).toEqual([]);
});

test("row 68: a block that moves within its file stays its owner's", async () => {
  const { scenario, a } = await begin();
  await using _ = scenario;
  const block = "function moved(value) {\n  return transform(value);\n}\n";
  const step = await a.write("a.js", `${block}\n${code}`);
  await a.stop();
  scenario.commit();
  scenario.user({ "a.js": `${code}\n${block}` });
  scenario.commit();
  await scenario.capture();
  const owners = await scenario.owners("a.js");
  expect(owners.slice(-3)).toEqual([step, step, step]);
  expect(owners.slice(0, 7)).toEqual(older(7));
  expect((await scenario.patches(a))[0]?.state).toBe("alive");
  expect(scenario.broken).toEqual([]);
});

test("row 71: boilerplate that the user types is the user's", async () => {
  const { scenario, a } = await begin();
  await using _ = scenario;
  const more = "export function added() {\n  return null;\n}\n";
  const step = await a.write("a.js", `${code}\n${more}`);
  await a.stop();
  scenario.commit();
  const byHand = "function own() {\n  return null;\n}\n";
  scenario.user({ "a.js": `${byHand}\n${scenario.repo.read("a.js")}` });
  scenario.commit();
  await scenario.capture();
  const owners = await scenario.owners("a.js");
  expect(owners.slice(0, 4)).toEqual(["human", "human", "human", "human"]);
  expect(owners.slice(4)).toEqual([...older(7), step, step, step, step]);
  expect(await scenario.fates(a)).toEqual(["1 a.js alive 1 E1"]);
  expect(scenario.broken).toEqual([]);
});

test("row 71: also where the agent's boilerplate goes in the same commit", async () => {
  const { scenario, a } = await begin();
  await using _ = scenario;
  const rest = "one();\ntwo();\nthree();\nfour();\n";
  const step = await a.write("b.js", `function first() {\n  return null;\n}\n${rest}`);
  await a.stop();
  scenario.commit();
  scenario.user({ "b.js": `${rest}function own() {\n  return null;\n}\n` });
  scenario.commit();
  await scenario.capture();
  const byStep = [step, step, step, step];
  expect(await scenario.owners("b.js")).toEqual([...byStep, "human", "human", "human"]);
  expect(scenario.broken).toEqual([]);
});

test("row 73: writing what is there already is no patch, and changes no owner", async () => {
  const { scenario, a } = await begin();
  await using _ = scenario;
  await a.write("a.js", code);
  await a.stop();
  scenario.commit();
  await scenario.capture();
  expect(await scenario.owners("a.js")).toEqual(older(7));
  expect(await scenario.fates(a)).toEqual([]);
  expect(scenario.broken).toEqual([]);
});
