import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

import { flaggedInIndex } from "../../capture/git/index-flags.ts";
import { Repo } from "../support/repo.ts";

const longName = `${"z".repeat(200)}/${"y".repeat(200)}`;
const names = ["a", "a-b", "dir/b.txt", "dir/deep/c", "dir/deep/other name", longName];

function repository(format: "sha1" | "sha256", version: string): Repo {
  const repo = new Repo({ objectFormat: format });
  repo.git("config", "index.version", version);
  repo.commit("start", Object.fromEntries(names.map((name) => [name, `${name}\n`])));
  repo.git("update-index", "--index-version", version);
  return repo;
}

test.each([
  ["sha1", "2"],
  ["sha1", "4"],
  ["sha256", "3"],
  ["sha256", "4"],
] as const)(
  "of an index with %s ids, version %s, the flagged paths are found",
  (format, version) => {
    using repo = repository(format, version);
    const read = () => flaggedInIndex(readFileSync(repo.path(".git/index")), format);
    expect(read()).toEqual({ assumed: [], sparse: [] });
    repo.git("update-index", "--assume-unchanged", "a-b", longName);
    repo.git("update-index", "--skip-worktree", "dir/deep/c");
    repo.git("update-index", "--force-write-index");
    expect(read()).toEqual({ assumed: ["a-b", longName], sparse: ["dir/deep/c"] });
  },
);

test("an index in two files, a sparse one, and a damaged one are left to git", () => {
  using repo = repository("sha1", "2");
  const file = repo.path(".git/index");
  const whole = readFileSync(file);
  for (let size = 0; size < whole.length; size += 11) {
    expect(flaggedInIndex(whole.subarray(0, size), "sha1")).toBeNull();
  }
  repo.git("update-index", "--split-index");
  expect(flaggedInIndex(readFileSync(file), "sha1")).toBeNull();
  repo.git("update-index", "--no-split-index");
  repo.git("sparse-checkout", "set", "--cone", "--sparse-index", "dir/deep");
  repo.commit("more", { "dir/deep/n": "n\n" });
  const sparse = flaggedInIndex(readFileSync(file), "sha1");
  expect(sparse === null || sparse.sparse.length > 0).toBe(true);
});
