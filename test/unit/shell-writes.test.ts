import { expect, test } from "vitest";
import { shellWrites } from "../../capture/harness/shell-writes.ts";

function check(command: string, expected: readonly string[]): void {
  const shown = shellWrites(command).flatMap(({ path, parts }) =>
    parts.map(({ before, after, how }) => JSON.stringify([path, how, before, after])),
  );
  expect(shown).toEqual(expected);
}

test("a here-document that is redirected is the whole of its file", () => {
  const expected = ['["src/a.ts","once",null,"one\\ntwo\\n"]'];
  check("cat > src/a.ts <<'EOF'\none\ntwo\nEOF", expected);
  check("cat <<EOF > src/a.ts\none\ntwo\nEOF\nnpm test", expected);
  check('mkdir -p src && cat <<-"END" | tee src/a.ts\none\ntwo\n\tEND', expected);
});

test("what is appended stands after what was there", () => {
  const expected = ['["a.txt","once","","more\\n"]'];
  check("cat >> a.txt <<'EOF'\nmore\nEOF", expected);
  check("tee -a a.txt <<'EOF'\nmore\nEOF", expected);
  check("echo 'more' >> a.txt", expected);
});

test("a folder that the command goes to counts for the paths after it", () => {
  check("cd packages/core && echo \"x y\" > a.txt; cd .. && echo 'z' > b.txt", [
    '["packages/core/a.txt","once",null,"x y\\n"]',
    '["packages/b.txt","once",null,"z\\n"]',
  ]);
});

test("a substitution of sed is read as the expression that it is", () => {
  check("sed -i 's/old name/newName/g' src/a.ts src/b.ts", [
    '["src/a.ts","pattern","/old name/g","newName"]',
    '["src/b.ts","pattern","/old name/g","newName"]',
  ]);
  check("sed -i '' -e 's#/a(#/b(#' x.ts", ['["x.ts","pattern","//a\\\\(/","/b("]']);
  check("sed -E -i.bak 's/(\\w+)=1/\\1=$2 &/' x.ts", [
    '["x.ts","pattern","/(\\\\w+)=1/","$1=$$2 $&"]',
  ]);
});

test("a short program may have put its texts into the files that it names", () => {
  const program = 'p = "src/a.py"\ns = s.replace("x", """one\ntwo\n""")\n';
  check(`python3 - <<'PY'\n${program}PY`, [
    JSON.stringify(["src/a.py", "once", null, program]),
    JSON.stringify(["src/a.py", "once", null, "one\ntwo\n"]),
  ]);
});

test("what only reads, prints, or goes where a variable says writes nothing that is known", () => {
  check("cat src/a.ts; grep -n 'x' src/a.ts | head", []);
  check("sed 's/a/b/' x.ts", []);
  check("cat <<'EOF'\nonly shown\nEOF", []);
  check("cat > \"$TARGET\" <<'EOF'\nsomewhere\nEOF", []);
  check("npm test > /dev/null 2>&1", []);
  check("cat > a.txt <<'EOF'\nnever ends", []);
});
