import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { homeAt } from "../../capture/base/home.ts";
import { quietOp } from "../../capture/base/op.ts";
import { setup } from "../../capture/setup/setup.ts";

let folder: string;
let config: string;
let file: string;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "ot-setup-"));
  config = path.join(folder, "claude");
  file = path.join(config, "settings.json");
  mkdirSync(config);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function run(remove: boolean, dryRun = false) {
  const context = { home: homeAt(path.join(folder, "home")), env: { CLAUDE_CONFIG_DIR: config } };
  return setup(quietOp(), context, { target: "claude-code", remove, dryRun, repo: null });
}

function read(): string {
  return readFileSync(file, "utf8");
}

const events = [
  "SessionStart",
  "UserPromptSubmit",
  "Stop",
  "SubagentStart",
  "SubagentStop",
  "PreCompact",
  "PostCompact",
  "SessionEnd",
  "PreToolUse",
  "PostToolUse",
  "PostToolUseFailure",
];

const settingsTexts = {
  "an empty object": "{}",
  "an empty object with a newline": "{}\n",
  "an open empty object": "{\n}\n",
  "one line": '{"model":"opus","env":{"A":"1"}}',
  "two spaces": '{\n  "model": "opus"\n}\n',
  "tabs and no last newline": '{\n\t"model": "opus",\n\t"env": {}\n}',
  "CRLF and a byte order mark": '\uFEFF{\r\n    "model": "opus"\r\n}\r\n',
  "odd spacing": '{ "b" : [1,\n2 ] ,\n\n  "a":{ }  }\n\n',
  "empty hooks": '{\n  "hooks": {}\n}\n',
  "an event with an empty list": '{"hooks": {"Stop": []}, "z": 1}',
  "the user's own hooks": `{
  "hooks": {
    "PreToolUse": [
      { "matcher": "Bash", "hooks": [{ "type": "command", "command": "mine.sh" }] }
    ],
    "Stop": [{"hooks":[{"type":"command","command":"say done"}]}]
  },
  "model": "opus"
}
`,
  "the key twice": '{"hooks": {"Stop": 1}, "hooks": {"Stop": []}}',
  "strings that look like structure": '{"a\\"}]": "{\\"hooks\\": [", "\\\\": "}"}\n',
};

describe("settings of Claude Code", () => {
  test.each(Object.entries(settingsTexts))("%s come back byte for byte", async (_, text) => {
    writeFileSync(file, text);
    await run(false);
    const after = JSON.parse(read().replace(/^\uFEFF/, ""));
    expect(Object.keys(after.hooks).toSorted()).toEqual(events.toSorted());
    await run(true);
    expect(read()).toBe(text);
  });

  test("any JSON object comes back byte for byte, in any layout", async () => {
    const layouts = fc.constantFrom(undefined, 1, 2, 4, "\t");
    const group = fc.record({
      hooks: fc.array(fc.record({ command: fc.string() }), { maxLength: 2 }),
    });
    const hooks = fc.dictionary(
      fc.constantFrom(...events, "Other"),
      fc.array(group, { maxLength: 2 }),
    );
    const object = fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 2 }), { maxKeys: 4 });
    const settings = fc.tuple(object, fc.option(hooks, { nil: undefined }));
    await fc.assert(
      fc.asyncProperty(
        settings,
        layouts,
        fc.constantFrom("", "\n"),
        async ([rest, own], layout, end) => {
          const value = { ...rest, ...(own === undefined ? { hooks: undefined } : { hooks: own }) };
          const text = JSON.stringify(value, null, layout) + end;
          writeFileSync(file, text);
          await run(false);
          const merged = JSON.parse(read());
          for (const [event, groups] of Object.entries(own ?? {})) {
            expect(merged.hooks[event].slice(0, groups.length)).toEqual(
              JSON.parse(JSON.stringify(groups)),
            );
          }
          await run(true);
          expect(read()).toBe(text);
        },
      ),
      { numRuns: 60 },
    );
  });

  test("a second run changes nothing", async () => {
    writeFileSync(file, settingsTexts["the user's own hooks"]);
    await run(false);
    const once = read();
    const { changes } = await run(false);
    expect(read()).toBe(once);
    expect(changes.map(({ action }) => action)).toEqual(["keep", "keep"]);
  });

  test("new lines look like those around them", async () => {
    writeFileSync(file, '{\n\t"model": "opus"\n}\n');
    await run(false);
    expect(read().split("\n").slice(0, 9)).toEqual([
      "{",
      '\t"model": "opus",',
      '\t"hooks": {',
      '\t\t"SessionStart": [',
      "\t\t\t{",
      '\t\t\t\t"hooks": [',
      "\t\t\t\t\t{",
      '\t\t\t\t\t\t"type": "command",',
      `\t\t\t\t\t\t"command": "${folder}/home/bin/opentraces-hook claude-code SessionStart",`,
    ]);
  });

  test("the hooks of tools leave out those that only look", async () => {
    await run(false);
    const { matcher } = JSON.parse(read()).hooks.PreToolUse[0];
    const fires = (tool: string) => new RegExp(matcher).test(tool);
    const changing = [
      "Bash",
      "Edit",
      "Write",
      "Task",
      "mcp__fs__write",
      "ReadMore",
      "SomethingNew",
    ];
    expect(changing.filter(fires)).toEqual(changing);
    expect(["Read", "Grep", "Glob", "WebFetch"].filter(fires)).toEqual([]);
  });

  test("what the user changed meanwhile stays, and only our entries go", async () => {
    writeFileSync(file, '{\n  "model": "opus"\n}\n');
    await run(false);
    writeFileSync(file, read().replace('"opus"', '"sonnet",\n  "theme":   "dark"'));
    await run(true);
    expect(read()).toBe('{\n  "model": "sonnet",\n  "theme":   "dark"\n}\n');
  });

  test("they are found again after the client wrote the file anew", async () => {
    writeFileSync(file, settingsTexts["the user's own hooks"]);
    await run(false);
    const value = JSON.parse(read());
    value.hooks.Stop[1].hooks.push({ type: "command", command: "added beside ours" });
    writeFileSync(file, JSON.stringify({ ...value, theme: "dark" }));
    await run(true);
    const own = JSON.parse(settingsTexts["the user's own hooks"]);
    own.hooks.Stop.push({ hooks: [{ type: "command", command: "added beside ours" }] });
    expect(JSON.parse(read())).toEqual({ ...own, theme: "dark" });
  });

  test("a file that we made goes again, with a folder that we made", async () => {
    rmSync(config, { recursive: true });
    await run(false);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    await run(true);
    expect(existsSync(config)).toBe(false);
  });

  test("a blank file is blank again", async () => {
    writeFileSync(file, " \n");
    await run(false);
    expect(JSON.parse(read()).hooks.Stop).toHaveLength(1);
    await run(true);
    expect(read()).toBe(" \n");
  });

  test("a file that we made stays if the user has put something into it", async () => {
    await run(false);
    writeFileSync(file, JSON.stringify({ ...JSON.parse(read()), theme: "dark" }));
    await run(true);
    expect(JSON.parse(read())).toEqual({ theme: "dark" });
  });

  test("a symbolic link stays one, and the file keeps its mode", async () => {
    const real = path.join(folder, "dotfiles.json");
    writeFileSync(real, '{\n  "model": "opus"\n}\n');
    chmodSync(real, 0o640);
    symlinkSync(real, file);
    await run(false);
    expect(lstatSync(file).isSymbolicLink()).toBe(true);
    expect(statSync(real).mode & 0o777).toBe(0o640);
    await run(true);
    expect(lstatSync(file).isSymbolicLink()).toBe(true);
    expect(readFileSync(real, "utf8")).toBe('{\n  "model": "opus"\n}\n');
  });

  test.each([
    ["a comment", '{\n  // mine\n  "model": "opus"\n}\n', /settings\.json is not valid JSON/],
    ["a list", "[]", /holds no JSON object/],
    ["hooks that are a list", '{"hooks": []}', /"hooks" in .* is not an object/],
    ["an event that is no list", '{"hooks": {"Stop": {}}}', /"hooks\.Stop" in .* is not a list/],
    ["half a file", '{"a": ', /not valid JSON/],
  ])("%s is refused, and nothing is touched", async (_, text, message) => {
    writeFileSync(file, text);
    await expect(run(false)).rejects.toThrow(message);
    expect(read()).toBe(text);
    expect(existsSync(path.join(folder, "home", "bin"))).toBe(false);
  });

  test("bytes that are not UTF-8 are refused", async () => {
    writeFileSync(file, Buffer.from([0x7b, 0xff, 0x7d]));
    await expect(run(false)).rejects.toThrow(/not valid UTF-8/);
  });

  test("a dry run says what would be done and does none of it", async () => {
    writeFileSync(file, "{}\n");
    const plan = await run(false, true);
    expect(plan.changes).toEqual([
      {
        path: path.join(folder, "home/bin/opentraces-hook"),
        action: "create",
        what: "the program that hooks call",
      },
      { path: file, action: "modify", what: "11 hooks that call opentraces" },
    ]);
    expect(read()).toBe("{}\n");
    expect(existsSync(path.join(folder, "home"))).toBe(false);
  });

  test("settings that turn every hook off are said so, also in the plan", async () => {
    const note = `No hook runs until you take disableAllHooks out of ${file}, which turns all off.`;
    writeFileSync(file, '{"disableAllHooks": true}\n');
    expect((await run(false, true)).notes[0]).toBe(note);
    expect((await run(false)).notes[0]).toBe(note);
    writeFileSync(file, '{"disableAllHooks": false}\n');
    expect((await run(false)).notes.join()).not.toContain("disableAllHooks");
  });

  test("installing over an older version's entries replaces them", async () => {
    const old = `${folder}/home/bin/opentraces-hook claude-code`;
    writeFileSync(
      file,
      JSON.stringify({ hooks: { Stop: [{ hooks: [{ type: "command", command: old }] }] } }),
    );
    await run(false);
    expect(JSON.parse(read()).hooks.Stop).toEqual([
      { hooks: [{ type: "command", command: `${old} Stop`, timeout: 10 }] },
    ]);
  });
});
