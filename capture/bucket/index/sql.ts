import type { Database, SqlJsStatic } from "sql.js";

let loading: Promise<SqlJsStatic> | undefined;

/** Opens an in-memory database, from `bytes` if given. SQLite is loaded on the first call. */
export async function openDatabase(bytes?: Buffer): Promise<Database> {
  loading ??= load();
  const { Database } = await loading;
  return new Database(bytes ?? null);
}

/** The build with the wasm inside: one module, whatever it is bundled into. */
async function load(): Promise<SqlJsStatic> {
  // @ts-expect-error TS7016: only the package's main entry has types; this one is the same module.
  const module: unknown = await import("sql.js/dist/sql-wasm-inline.js");
  // Safe: the same factory that the package's types describe for its main entry.
  const { default: initialise } = module as { default: () => Promise<SqlJsStatic> };
  return initialise();
}
