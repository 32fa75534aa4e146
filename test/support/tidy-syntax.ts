import { isNode, parsedOf, type Parsed, type Rule, type SourceFile } from "./tidy-source.ts";
import { type SyntaxNode, type Violation, walk } from "./tidy-source.ts";

const functionLinesMax = 60;
const parametersMax = 4;
/** A "Safe:" comment may stand this many lines above its cast, for one cast that is wrapped. */
const commentReachLines = 4;

const functionTypes: ReadonlySet<string> = new Set([
  "FunctionDeclaration",
  "FunctionExpression",
  "ArrowFunctionExpression",
]);

export const syntaxRules: Readonly<Record<string, Rule>> = {
  "function-size": forNodes("function-size", (node, { lineAt }, ancestors) => {
    if (!functionTypes.has(node.type) || isSuiteBody(ancestors)) return undefined;
    const lines = lineAt(node.end) - lineAt(node.start) + 1;
    return lines > functionLinesMax
      ? `${lines} lines; the limit is ${functionLinesMax}`
      : undefined;
  }),
  parameters: forNodes("parameters", (node) => {
    const count = Array.isArray(node["params"]) ? node["params"].length : 0;
    if (!functionTypes.has(node.type) || count <= parametersMax) return undefined;
    return `${count} parameters; the limit is ${parametersMax}`;
  }),
  "no-any": forNodes("no-any", (node) => (node.type === "TSAnyKeyword" ? "any" : undefined)),
  "no-enum": forNodes("no-enum", (node) =>
    node.type === "TSEnumDeclaration" ? "enum" : undefined,
  ),
  "no-default-export": forNodes("no-default-export", (node, _, __, file) =>
    node.type === "ExportDefaultDeclaration" && !file.path.endsWith(".config.ts")
      ? "a default export"
      : undefined,
  ),
  "no-barrel": (file) => {
    if (file.path === "capture/api.ts" || !isOurs(file)) return [];
    const { program, lineAt } = parsedOf(file);
    const body = (program["body"] as readonly SyntaxNode[]) ?? [];
    const passedOn = body.filter(
      (node) => isNode(node["source"]) && node.type.startsWith("Export"),
    );
    const isBarrel =
      passedOn.some((node) => node.type === "ExportAllDeclaration") ||
      (passedOn.length > 0 && passedOn.length === body.length);
    if (!isBarrel) return [];
    const line = lineAt(passedOn[0]?.start ?? 0);
    return [{ rule: "no-barrel", path: file.path, line, message: "only passes things on" }];
  },
  "no-network-globals": forNodes("no-network-globals", (node, _, ancestors, file) => {
    if (!/^(capture|extension|webview)\//.test(file.path) || !isNetworkGlobal(node))
      return undefined;
    const parent = ancestors.at(-1);
    // A member or a property of that name is something else, but for those of the global object.
    const isName = parent?.["property"] === node || parent?.["key"] === node;
    const isGlobal = isNode(parent?.["object"]) && parent["object"]["name"] === "globalThis";
    return isName && !isGlobal ? undefined : `${String(node["name"])} reaches for the network`;
  }),
  "safe-casts": forNodes("safe-casts", uncommentedCast),
  "no-skipped-tests": forNodes("no-skipped-tests", skippedTest),
  "no-todo": (file) =>
    !isOurs(file)
      ? []
      : parsedOf(file)
          .comments.filter(({ value }) => /\b(TO[D]O|FIXM[E]|XX[X]|HAC[K])\b/.test(value))
          .map(({ start }) => ({
            rule: "no-todo",
            path: file.path,
            line: parsedOf(file).lineAt(start),
            message: "a comment puts something off",
          })),
};

function isNetworkGlobal(node: SyntaxNode): boolean {
  const globals = /^(fetch|WebSocket|WebSocketStream|WebTransport|EventSource|XMLHttpRequest)$/;
  return node.type === "Identifier" && globals.test(String(node["name"]));
}

type Look = (
  node: SyntaxNode,
  parsed: Parsed,
  ancestors: readonly SyntaxNode[],
  file: SourceFile,
) => string | undefined;

/** A rule that looks at each node of our own code and says what is wrong with it. */
function forNodes(rule: string, look: Look): Rule {
  return (file) => {
    if (!isOurs(file)) return [];
    const parsed = parsedOf(file);
    const violations: Violation[] = [];
    walk(parsed.program, (node, ancestors) => {
      const message = look(node, parsed, ancestors, file);
      if (message === undefined) return;
      violations.push({ rule, path: file.path, line: parsed.lineAt(node.start), message });
    });
    return violations;
  };
}

function isOurs(file: SourceFile): boolean {
  return /\.(ts|tsx|mts|mjs|cjs)$/.test(file.path) && !file.path.startsWith("test/fixtures/");
}

/** The body of `describe` or `suite` holds tests; each of them is measured by itself. */
function isSuiteBody(ancestors: readonly SyntaxNode[]): boolean {
  const call = ancestors.at(-1);
  if (call?.type !== "CallExpression" || !isNode(call["callee"])) return false;
  const root = rootName(call["callee"]);
  return root === "describe" || root === "suite";
}

function rootName(node: SyntaxNode): unknown {
  if (node.type === "Identifier") return node["name"];
  const inner = node["object"] ?? node["callee"] ?? node["tag"];
  return isNode(inner) ? rootName(inner) : undefined;
}

/** Where bytes come in, a parser has just vouched for the type. */
function isBoundary(file: SourceFile): boolean {
  return /^test\/|^capture\/bucket\/codec\/|^capture\/harness\/[^/]+\/lines\.ts$/.test(file.path);
}

function uncommentedCast(
  ...[node, { comments, lineAt }, , file]: Parameters<Look>
): string | undefined {
  if (node.type !== "TSAsExpression" && node.type !== "TSTypeAssertion") return undefined;
  const type = node["typeAnnotation"];
  const name = isNode(type) ? type["typeName"] : undefined;
  if (isBoundary(file) || (isNode(name) && name["name"] === "const")) return undefined;
  const line = lineAt(node.end);
  const isSafe = comments.some(({ value, end }) => {
    const above = line - lineAt(end);
    return /\bSafe:/.test(value) && above >= 0 && above <= commentReachLines;
  });
  return isSafe ? undefined : 'a cast without a "Safe:" comment';
}

function skippedTest(node: SyntaxNode): string | undefined {
  if (node.type !== "MemberExpression") return undefined;
  const { object, property } = node;
  if (!isNode(object) || !isNode(property)) return undefined;
  const isTest = /^(test|it|describe|suite)$/.test(String(rootName(object)));
  const isSkip = /^(skip|only|todo|fails|skipIf|runIf)$/.test(String(property["name"]));
  return isTest && isSkip ? `a test is marked ${String(property["name"])}` : undefined;
}
