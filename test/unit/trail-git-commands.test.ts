import { expect, test } from "vitest";
import { conflictLines } from "../../capture/trail/conflict-lines.ts";
import { gitDoingOf } from "../../capture/trail/git-commands.ts";

function check(expected: "brings" | "discards" | null, ...commands: readonly string[]): void {
  for (const command of commands) expect(gitDoingOf(command), command).toBe(expected);
}

test("a line of commands in which only git writes brings what it writes", () => {
  check(
    "brings",
    "git merge side",
    "cd src && git pull --rebase origin main 2>&1 | tail -5",
    "git stash pop; git status",
    "GIT_EDITOR=true git -C /repo -c core.editor=true rebase --continue",
    "git fetch > /dev/null && git cherry-pick abc123 || true",
    "git commit -am 'a > b; c' && git merge side",
  );
});

test("one that takes changes back is told apart", () => {
  check("discards", "git checkout -- a.txt", "git restore a.txt && git status", "git rm a.txt");
  check("brings", "git checkout main && git merge side");
});

test("nothing is said where another program may write, or git leaves files alone", () => {
  check(null, "git merge side && npm test", "git show side:a > a.txt", "git apply x.patch");
  check(null, "git merge $(git branch)", "git commit -m x", "ls", "", "sed -i s/a/b/ f; git pull");
});

test("the lines of a conflict are the marks and what is between them", () => {
  const lines = ["a", "<<<<<<< HEAD", "b", "=======", "c", ">>>>>>> side", "d", "======="];
  expect([...conflictLines(lines)]).toEqual([1, 2, 3, 4, 5]);
  expect([...conflictLines(["<<<<<<< HEAD", "b", ">>>>>>> side"])]).toEqual([]);
});
