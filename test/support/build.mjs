import { build } from "esbuild";
import { chmodSync, copyFileSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { realpathSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath } from "node:url";

import { Missing, runMain, say, seconds } from "./say.mjs";

const root = path.resolve(import.meta.dirname, "../..");
const dist = path.join(root, "dist");
const { version } = JSON.parse(readFileSync(path.join(root, "package.json"), "utf8"));

// CommonJS because it starts faster than modules do; `import.meta` is put back by hand.
/** @type {import("esbuild").BuildOptions} */
const forNode = {
  bundle: true,
  platform: "node",
  format: "cjs",
  absWorkingDir: root,
  sourcemap: "linked",
  sourcesContent: false,
  keepNames: true,
  logLevel: "warning",
  define: {
    "import.meta.url": "__importMetaUrl",
    "import.meta.dirname": "__dirname",
    "import.meta.filename": "__filename",
  },
  banner: {
    js: 'const __importMetaUrl = require("node:url").pathToFileURL(__filename).href;',
  },
};

/**
 * What a start does not need is a bundle of its own, so that the start does not read it.
 *
 * @param {RegExp} module @param {string} bundle @returns {import("esbuild").Plugin}
 */
const lateBundle = (module, bundle) => ({
  name: "late-bundle",
  setup(build) {
    build.onResolve({ filter: module }, ({ kind }) =>
      kind === "dynamic-import" ? { path: bundle, external: true } : undefined,
    );
  },
});

/** @type {import("esbuild").BuildOptions} */
const forExtension = {
  target: "node22",
  external: ["vscode"],
  plugins: [
    lateBundle(/^\.\/late\.ts$/, "./late.cjs"),
    // The extension's engine is always a process of its own, so its code stays out of here.
    lateBundle(/\/local-engine\.ts$/, "./no-engine-in-the-extension-host.cjs"),
  ],
  // VS Code answers for "vscode" where `require` is used, also in the second bundle.
  supported: { "dynamic-import": false },
  // What is shorter is read faster; names stay, so that a stack still says where.
  minifySyntax: true,
  minifyWhitespace: true,
  keepNames: false,
};

/** @type {import("esbuild").BuildOptions} */
const forCli = {
  target: "node20",
  plugins: [lateBundle(/^\.\/engine-door\.ts$/, "./cli-engine.cjs")],
  supported: { "dynamic-import": false },
};

/** @type {import("esbuild").BuildOptions} */
const forWebview = {
  bundle: true,
  platform: "browser",
  format: "esm",
  target: "chrome132",
  absWorkingDir: root,
  minify: true,
  jsx: "automatic",
  metafile: true,
  logLevel: "warning",
  loader: { ".ttf": "file", ".woff2": "file" },
  define: { "process.env.NODE_ENV": '"production"' },
};

/** Builds everything that ships into `dist/`. */
export async function buildAll() {
  const startMs = Date.now();
  mkdirSync(path.join(dist, "webview"), { recursive: true });
  await Promise.all([
    ...nodeEntries().map(([entry, out, options]) => bundleForNode(entry, out, options)),
    ...webviewEntries().map(bundleForWebview),
  ]);
  writeCommand();
  copyAssets();
  await writeSchemas(path.join(dist, "schemas"));
  say(`Built dist/ in ${seconds(startMs)}.`);
}

/** @returns {[string, string, import("esbuild").BuildOptions][]} */
function nodeEntries() {
  return [
    ["extension/extension.ts", "extension.cjs", forExtension],
    ["extension/late.ts", "late.cjs", forExtension],
    ["capture/engine/main.ts", "engine.cjs", { target: "node20" }],
    // What the engine and the terminal start as a second thread, from the file beside their own.
    ["capture/ingest/thread-worker.ts", "capture-thread.cjs", { target: "node20" }],
    ["capture/cli/main.ts", "cli.cjs", forCli],
    ["capture/cli/engine-door.ts", "cli-engine.cjs", forCli],
  ];
}

function webviewEntries() {
  const apps = readdirSync(path.join(root, "webview/apps"));
  return apps.map((name) => `webview/apps/${name}/main.tsx`);
}

/** @param {string} entry @param {string} out @param {import("esbuild").BuildOptions} options */
async function bundleForNode(entry, out, options) {
  const outfile = path.join(dist, out);
  await build({ ...forNode, ...options, entryPoints: [entry], outfile });
}

/** @param {string} entry */
async function bundleForWebview(entry) {
  const app = path.basename(path.dirname(entry));
  const outfile = path.join(dist, "webview", `${app}.js`);
  const { metafile } = await build({ ...forWebview, entryPoints: [entry], outfile });
  const foreign = Object.keys(metafile.inputs).filter((input) => isForeignToWebview(input));
  if (foreign.length > 0) {
    rmSync(outfile, { force: true });
    throw new Missing(
      `${entry} bundles what belongs to the host: ${foreign.slice(0, 3).join(", ")}`,
    );
  }
}

/** A webview presents; parsing, storage and processes stay with the host. @param {string} input */
export function isForeignToWebview(input) {
  return /(^|\/)node_modules\/(zod|sql\.js|simple-git)\/|^extension\//.test(input);
}

/**
 * The JSON Schemas of every answer and record, a file each.
 *
 * @param {string} folder
 */
export async function writeSchemas(folder) {
  const bundle = path.join(folder, "json-schemas.cjs");
  const source = "capture/cli/schemas/json-schemas.ts";
  await build({ ...forNode, target: "node20", entryPoints: [source], outfile: bundle });
  const { jsonSchemas } = createRequire(import.meta.url)(bundle);
  for (const [name, schema] of jsonSchemas()) {
    writeFileSync(path.join(folder, `${name}.json`), `${JSON.stringify(schema, null, 2)}\n`);
  }
  for (const file of [bundle, `${bundle}.map`]) rmSync(file);
}

// `--version` answers without reading the program; the compile cache makes the rest start warm.
function writeCommand() {
  const file = path.join(dist, "ot.cjs");
  const source = `#!/usr/bin/env node
"use strict";
if (process.argv.length === 3 && process.argv[2] === "--version") {
  process.stdout.write("${version}\\n");
} else {
  require("node:module").enableCompileCache?.();
  require("./cli.cjs");
}
`;
  writeFileSync(file, source);
  chmodSync(file, 0o755);
}

function copyAssets() {
  const from = (name) => path.join(root, "node_modules", name);
  const assets = [
    ["sql.js/dist/sql-wasm.wasm", "sql-wasm.wasm"],
    ["@vscode/codicons/dist/codicon.css", "webview/codicon.css"],
    ["@vscode/codicons/dist/codicon.ttf", "webview/codicon.ttf"],
  ];
  for (const [source, target] of assets) copyFileSync(from(source), path.join(dist, target));
}

const isMain = fileURLToPath(import.meta.url) === realpathSync(process.argv[1] ?? ".");
if (isMain) await runMain(buildAll);
