import { cpSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

const root = path.resolve(import.meta.dirname, "../..");
const parts = [
  "capture",
  "extension",
  "media",
  "webview",
  "test",
  "package.json",
  "package-lock.json",
  "tsconfig.json",
  "README.md",
  "CHANGELOG.md",
  "LICENSE",
];

/** A copy of this checkout that a test may change; nothing is built in it. */
export class Checkout implements Disposable {
  readonly dir = realpathSync(mkdtempSync(path.join(tmpdir(), "ot-checkout-")));

  constructor() {
    for (const name of parts) {
      cpSync(path.join(root, name), path.join(this.dir, name), { recursive: true });
    }
  }

  /** Installs the packages by a link to those of this checkout. */
  linkPackages(): void {
    symlinkSync(path.join(root, "node_modules"), path.join(this.dir, "node_modules"));
  }

  [Symbol.dispose](): void {
    rmSync(this.dir, { recursive: true, force: true, maxRetries: 5 });
  }
}
