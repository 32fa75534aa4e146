import type { Database, SqlJsStatic } from "sql.js";

let loading: Promise<SqlJsStatic> | undefined;

/** Opens an in-memory database, from `bytes` if given. SQLite is loaded on the first call. */
export async function openDatabase(bytes?: Buffer): Promise<Database> {
  loading ??= load();
  const { Database } = await loading;
  return new Database(bytes ?? null);
}

/** The library finds `sql-wasm.wasm` in its own folder; in the bundles that is `dist/`. */
async function load(): Promise<SqlJsStatic> {
  const { default: initialise } = await import("sql.js");
  return initialise();
}
