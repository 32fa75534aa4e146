import path from "node:path/posix";

import {
  isNode,
  parsedOf,
  type Rule,
  type SourceFile,
  type Violation,
  walk,
} from "./tidy-source.ts";

/** Rows of folders, lowest first: a folder imports from itself and from lower rows only. */
const rows: readonly (readonly string[])[] = [
  ["capture/base", "webview/protocol"],
  ["capture/model", "webview/shared"],
  ["capture/harness", "capture/git", "capture/security", "capture/bucket", "webview/apps"],
  ["capture/trail", "capture/ctx"],
  ["capture/ingest", "capture/setup", "capture/query"],
  ["capture/engine"],
  ["capture/api.ts"],
  ["capture/cli", "extension"],
];

/** Who may import a module; a package's name stands for its subpaths too. */
const reserved: readonly { readonly module: RegExp; readonly only: RegExp }[] = [
  { module: /^vscode$/, only: /^extension\// },
  { module: /^(node:)?child_process$/, only: /^capture\/(base\/process|git\/run)\.ts$/ },
  {
    module: /^(node:)?(net|http|https|http2|tls|dgram|dns|dns\/promises)$/,
    only: /^capture\/engine\//,
  },
  { module: /^sql\.js(\/|$)/, only: /^capture\/bucket\/index\// },
  {
    module: /^zod(\/|$)/,
    only: /^(capture\/(harness|bucket\/codec|setup|engine|cli)|extension)\//,
  },
  { module: /^simple-git(\/|$)/, only: /^capture\/git\// },
  { module: /^@vscode\/webview-ui-toolkit(\/|$)/, only: /^webview\/shared\/primitives\// },
  { module: /^react(-dom)?(\/|$)/, only: /^webview\// },
  { module: /^node:/, only: /^(capture|extension)\// },
];

export const importRules: Readonly<Record<string, Rule>> = {
  layers: (file) => importsOf(file).flatMap((found) => againstLayers(file, found)),
  "reserved-imports": (file) =>
    importsOf(file).flatMap(({ module, line }) =>
      reserved
        .filter((entry) => entry.module.test(module) && !entry.only.test(file.path))
        .map(() => violation("reserved-imports", file, line, `${module} is not for this folder`)),
    ),
  "import-endings": (file) =>
    importsOf(file)
      .filter(({ module }) => /^\.\.?\//.test(module) && !/\.[a-z]+$/.test(module))
      .map(({ module, line }) =>
        violation("import-endings", file, line, `${module} has no ending`),
      ),
};

interface Import {
  readonly module: string;
  readonly line: number;
}

/** Static, dynamic and re-exporting imports, `require` and `import("x")` types of shipped code. */
function importsOf(file: SourceFile): Import[] {
  if (!/^(capture|extension|webview)\/.*\.tsx?$/.test(file.path)) return [];
  const { program, lineAt } = parsedOf(file);
  const found: Import[] = [];
  walk(program, (node) => {
    const isRequire =
      node.type === "CallExpression" &&
      isNode(node["callee"]) &&
      node["callee"]["name"] === "require" &&
      Array.isArray(node["arguments"]);
    const source = isRequire ? (node["arguments"] as unknown[])[0] : node["source"];
    if (!isNode(source) || typeof source["value"] !== "string") return;
    found.push({ module: source["value"], line: lineAt(node.start) });
  });
  return found;
}

function againstLayers(file: SourceFile, { module, line }: Import): Violation[] {
  if (!module.startsWith(".")) return [];
  const from = placeOf(file.path);
  const target = path.join(path.dirname(file.path), module);
  const to = placeOf(target);
  if (from.row < 0 || to.row < 0) {
    return [violation("layers", file, line, `${from.row < 0 ? file.path : target} is in no row`)];
  }
  // One app of the webviews is a folder of its own.
  const isSame = from.folder === to.folder && appOf(file.path) === appOf(target);
  const crosses = file.path.startsWith("capture/") && !target.startsWith("capture/");
  const goesRound = from.folder === "extension" && to.folder.startsWith("capture/") && !isDoor(to);
  if (isSame || (to.row < from.row && !crosses && !goesRound)) return [];
  return [violation("layers", file, line, `${from.folder} may not import from ${to.folder}`)];
}

interface Place {
  readonly folder: string;
  /** -1 when the table does not name it. */
  readonly row: number;
}

function placeOf(at: string): Place {
  const isBelow = (folder: string): boolean => at === folder || at.startsWith(`${folder}/`);
  const row = rows.findIndex((folders) => folders.some(isBelow));
  const folder = rows[row]?.find(isBelow) ?? at;
  return { folder, row };
}

/** The extension takes plain types from the model, and everything else through the door. */
function isDoor({ folder }: Place): boolean {
  return ["capture/api.ts", "capture/model", "capture/base"].includes(folder);
}

function appOf(at: string): string | undefined {
  return /^webview\/apps\/([^/]+)/.exec(at)?.[1];
}

function violation(rule: string, file: SourceFile, line: number, message: string): Violation {
  return { rule, path: file.path, line, message };
}
