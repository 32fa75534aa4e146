import type { SourceFile, Violation } from "./tidy-source.ts";

const topLevel: ReadonlySet<string> = new Set([
  "package.json",
  "tsconfig.json",
  "extension",
  "webview",
  "capture",
  "media",
  "test",
  "README.md",
  "LICENSE",
  "CHANGELOG.md",
  "CONTRIBUTING.md",
  "package-lock.json",
]);

/** Violations that only the whole tree shows: its top level, its code map, its versions. */
export function tidyTree(files: readonly SourceFile[]): Violation[] {
  return [...topLevelOf(files), ...codeMapOf(files), ...lockOf(files), ...versionsOf(files)];
}

function topLevelOf(files: readonly SourceFile[]): Violation[] {
  const names = new Set(files.map((file) => file.path.split("/")[0] ?? ""));
  return [...names]
    .filter((name) => !topLevel.has(name) && !name.startsWith("."))
    .map((name) => violation("top-level", name, 1, `${name} is not one of the top level's names`));
}

/** The code map and the folders name the same, both ways. */
function codeMapOf(files: readonly SourceFile[]): Violation[] {
  const page = "capture/ARCHITECTURE.md";
  const text = files.find((file) => file.path === page)?.text ?? "";
  // Other tables of the page are about formats and words.
  const map = /^## Code map$.*?(?=^## )/ms.exec(text)?.[0] ?? text;
  const mapped = [...map.matchAll(/^\| `([^`]+)` \|/gm)].flatMap((match) => match[1] ?? []);
  const present = new Set(files.flatMap((file) => codeFolderOf(file.path)));
  const unmapped = [...present].filter((folder) => !mapped.includes(folder));
  const gone = mapped.filter((folder) => !present.has(folder));
  return [
    ...unmapped.map((folder) => violation("code-map", page, 1, `${folder} is not on the map`)),
    ...gone.map((folder) => violation("code-map", page, 1, `${folder} is mapped and not there`)),
  ];
}

function codeFolderOf(at: string): string[] {
  const [top = "", second = ""] = at.split("/");
  if (top === "extension" || top === "webview") return [top];
  if (top !== "capture" || /\.md$|^decisions$/.test(second)) return [];
  return [`capture/${second}`];
}

function lockOf(files: readonly SourceFile[]): Violation[] {
  const lock = files.find((file) => file.path === "package-lock.json");
  return (lock?.text.split("\n") ?? []).flatMap((text, index) =>
    /"resolved":/.test(text)
      ? [violation("lock-file", "package-lock.json", index + 1, "a download address")]
      : [],
  );
}

function versionsOf(files: readonly SourceFile[]): Violation[] {
  const manifest = files.find((file) => file.path === "package.json");
  const { dependencies = {}, devDependencies = {} } = JSON.parse(manifest?.text ?? "{}");
  return Object.entries({ ...dependencies, ...devDependencies })
    .filter(([, version]) => !/^\d+\.\d+\.\d+$/.test(String(version)))
    .map(([name, version]) =>
      violation("exact-versions", "package.json", 1, `${name} is ${String(version)}`),
    );
}

function violation(rule: string, path: string, line: number, message: string): Violation {
  return { rule, path, line, message };
}
