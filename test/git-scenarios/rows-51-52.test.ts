import { mkdirSync, writeFileSync } from "node:fs";
import { holds, row } from "../support/row.ts";
import type { Scenario } from "../support/scenario.ts";

const human = "one\ntwo\nthree\nfour\n";

/** A repository of its own in a folder of the scenario's, with one commit. */
function nested(s: Scenario, name: string): string {
  const folder = s.repo.path(name);
  mkdirSync(folder, { recursive: true });
  s.repo.git("init", "--quiet", "--initial-branch=main", folder);
  writeFileSync(`${folder}/s.txt`, human);
  s.repo.git("-C", folder, "add", "--all");
  s.repo.git("-C", folder, "commit", "--quiet", "--message", "Inner begin");
  return folder;
}

row(
  51,
  "what the agent writes in a submodule is owned there, and the bump is its step's",
  async (s) => {
    const folder = nested(s, "lib");
    const allowed = ["-c", "protocol.file.allow=always"];
    s.repo.git(...allowed, "submodule", "--quiet", "add", "./lib", "lib");
    s.repo.commit("Begin", { "a.txt": human });
    const a = await s.session("A");
    await a.prompt();
    await a.edit("lib/s.txt", "two\n", "two\nby the agent\n");
    await a.bash("git -C lib commit -am Inner", () => {
      s.git("-C", folder, "commit", "--quiet", "--all", "--message", "Inner");
    });
    await a.stop();
    s.commit("Bump");
    await holds(s, { in: folder, owners: { "s.txt": "old*2 A:1 old*2" }, patches: {} });
    // Today's answer: the patch inside is tracked in the session's own repository alone, where no
    // commit will ever hold it.
    return {
      owners: { "a.txt": "old*4" },
      patches: { A: ["1 lib/s.txt pending", "2 lib alive [binary] E1@Bump:0"] },
    };
  },
);

row(52, "a nested repository is asked by itself, and its parent keeps nothing of it", async (s) => {
  s.repo.commit("Begin", { "a.txt": human });
  const folder = nested(s, "deps/inner");
  const a = await s.session("A");
  await a.prompt();
  await a.edit("deps/inner/s.txt", "two\n", "two\nby the agent\n");
  await a.stop();
  const inside = { in: folder, owners: { "s.txt": "old*2 A:1 old*2" }, patches: {} };
  await holds(s, inside);
  s.git("-C", folder, "commit", "--quiet", "--all", "--message", "Inner");
  await holds(s, inside);
  // Today's answer: as in a submodule, and a snapshot of the parent holds nothing of it.
  return {
    owners: { "a.txt": "old*4" },
    patches: { A: ["1 deps/inner/s.txt pending"] },
  };
});
