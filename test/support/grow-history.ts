import type { Scenario } from "./scenario.ts";

const commits = 40;

/**
 * Makes forty more commits on the branch that is checked out, each of which adds a line to the
 * end of the files; the work tree stays as it is. False where there is no branch to grow.
 */
export function growHistory({ repo, nowMs }: Scenario, names: readonly string[]): boolean {
  const head = repo.find("rev-parse", "--verify", "--quiet", "HEAD");
  const branch = repo.find("symbolic-ref", "--quiet", "HEAD");
  if (head === null || branch === null) return false;
  const files = names
    .filter((name) => !name.includes(":"))
    .flatMap((path) => {
      const mode = /^(100\d+) blob/u.exec(repo.git("ls-tree", "HEAD", "--", path))?.[1];
      if (mode === undefined) return [];
      const bytes = repo.gitBytes({}, "cat-file", "blob", `HEAD:${path}`);
      const isText = !bytes.includes(0) && (bytes.length === 0 || bytes.at(-1) === 10);
      return isText ? [{ path, mode, bytes }] : [];
    });
  const script: (string | Buffer)[] = [];
  for (let number = 1; number <= commits; number += 1) {
    const at = `${Math.floor(nowMs / 1000) + number} +0000`;
    script.push(`commit ${branch}\ncommitter A. Person <person@example.org> ${at}\n`);
    script.push(textOf(`Growth ${number}`));
    if (number === 1) script.push(`from ${head}\n`);
    script.push("M 100644 inline growth.txt\n", textOf(`${number}\n`));
    for (const file of files) {
      file.bytes = Buffer.concat([file.bytes, Buffer.from(`growth line ${number}\n`)]);
      script.push(`M ${file.mode} inline ${JSON.stringify(file.path)}\n`, textOf(file.bytes));
    }
  }
  repo.feed(Buffer.concat(script.map((part) => Buffer.from(part))), "fast-import", "--quiet");
  return true;
}

function textOf(bytes: string | Buffer): Buffer {
  const content = Buffer.from(bytes);
  return Buffer.concat([Buffer.from(`data ${content.length}\n`), content, Buffer.from("\n")]);
}
