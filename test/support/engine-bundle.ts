import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { build } from "esbuild";

const root = path.resolve(import.meta.dirname, "../..");

/** The engine process as it ships, built from the sources into a folder of its own. */
export interface EngineBundle extends Disposable {
  readonly entry: string;
}

export async function buildEngine(): Promise<EngineBundle> {
  const folder = mkdtempSync(path.join(tmpdir(), "ot-engine-bundle-"));
  const entry = path.join(folder, "engine.cjs");
  await build({
    bundle: true,
    platform: "node",
    format: "cjs",
    target: "node20",
    absWorkingDir: root,
    entryPoints: ["capture/engine/main.ts"],
    outfile: entry,
    logLevel: "error",
    define: { "import.meta.url": "__importMetaUrl", "import.meta.dirname": "__dirname" },
    banner: {
      js: 'const __importMetaUrl = require("node:url").pathToFileURL(__filename).href;',
    },
  });
  copyFileSync(
    path.join(root, "node_modules/sql.js/dist/sql-wasm.wasm"),
    path.join(folder, "sql-wasm.wasm"),
  );
  return { entry, [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }) };
}
