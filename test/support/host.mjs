import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { cpSync, readdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { brotliDecompressSync } from "node:zlib";

import { node24 } from "./bootstrap.mjs";
import { cacheFolder, installOnce } from "./cache-folder.mjs";
import { npm } from "./npm.mjs";
import { Missing } from "./say.mjs";
import { unpackTar } from "./unpack-tar.mjs";

const codeServerVersion = "4.139.1";
const chromiumVersion = "153.0.0";
const fontsVersion = "2.37.3";

/**
 * What a test needs to open a real VS Code: installed on first use, found again later without
 * a network. `chromiumEnv` is what Chromium needs in its environment on this machine.
 *
 * @typedef {{node: string, codeServer: string, chromium: string,
 *   chromiumEnv: Record<string, string>}} HostPaths
 */

/** @returns {Promise<HostPaths>} */
export async function ensureHost() {
  const node = await node24();
  const codeServer = await ensureCodeServer();
  return { node, codeServer, ...(await ensureChromium()) };
}

/** Installs VS Code's web build with its extension host. @returns its entry script. */
export async function ensureCodeServer() {
  const about = { what: `code-server ${codeServerVersion}`, needMiB: 1500 };
  const folder = await installOnce(`code-server-${codeServerVersion}`, about, async (cwd) => {
    const { what } = about;
    await npm(["install", "--prefix", cwd, `code-server@${codeServerVersion}`], { cwd, what });
    const vscode = path.join(cwd, "node_modules/code-server/lib/vscode");
    // What its own install script would do, without the compilers that it asks for.
    for (const at of [vscode, path.join(vscode, "extensions")]) {
      await npm(["install", "--omit=dev"], { cwd: at, what });
    }
    link("code-linux.sh", path.join(vscode, "bin/remote-cli/code-server"));
    link("browser-linux.sh", path.join(vscode, "bin/helpers/browser.sh"));
    prune(vscode);
  });
  return path.join(folder, "node_modules/code-server/out/node/entry.js");
}

function link(target, at) {
  rmSync(at, { force: true });
  symlinkSync(target, at);
}

/** Drops what an extension's tests never load; halves the size. @param {string} vscode */
function prune(vscode) {
  const unused = [
    "extensions/copilot",
    "extensions/ms-vscode.js-debug",
    "node_modules/@github",
    "node_modules/@microsoft/mxc-sdk",
    "node_modules/@vscode/sqlite3",
    "node_modules/@devcontainers",
    "node_modules/node-pty/third_party",
    "node_modules/node-pty/deps",
  ];
  const here = `${process.platform}-${process.arch}`;
  const builds = ["node_modules/@vscode/ripgrep-universal/bin", "node_modules/node-pty/prebuilds"];
  const foreign = builds.flatMap((folder) =>
    entriesOf(path.join(vscode, folder))
      .filter((name) => !name.startsWith(here))
      .map((name) => path.join(folder, name)),
  );
  for (const at of [...unused, ...foreign]) {
    rmSync(path.join(vscode, at), { recursive: true, force: true });
  }
}

function entriesOf(folder) {
  return existsSync(folder) ? readdirSync(folder) : [];
}

/** A Chromium that starts here: the machine's own, else one from npm. */
export async function ensureChromium() {
  const fonts = { FONTCONFIG_FILE: await ensureFonts() };
  const found = ownChromium();
  if (found !== undefined) return { chromium: found, chromiumEnv: fonts };

  if (process.platform !== "linux" || process.arch !== "x64") {
    throw new Missing("No Chrome or Chromium was found; install one and run again.");
  }
  const folder = await ensurePackagedChromium();
  const chromium = path.join(folder, "chromium");
  const libraries = path.join(folder, "lib");
  const inherited = process.env["LD_LIBRARY_PATH"];
  const LD_LIBRARY_PATH = inherited ? `${libraries}:${inherited}` : libraries;
  // The machine's own libraries are preferred: they fit its C library.
  for (const extra of [{}, { LD_LIBRARY_PATH }]) {
    if (startsWith(chromium, extra)) return { chromium, chromiumEnv: { ...fonts, ...extra } };
  }
  throw new Missing(`Chromium does not start here: ${complaintOf(chromium, { LD_LIBRARY_PATH })}`);
}

function ownChromium() {
  const mac = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome";
  const asked = process.env["OPENTRACES_CHROMIUM"];
  const names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", mac];
  return (asked ? [asked] : names).find((name) => startsWith(name, {}));
}

function startsWith(chromium, extra) {
  const { status, stdout } = version(chromium, extra);
  return status === 0 && /\d+\.\d+\.\d+/.test(stdout);
}

function complaintOf(chromium, extra) {
  const { error, stderr } = version(chromium, extra);
  return (error?.message ?? stderr ?? "").trim().split("\n")[0];
}

function version(chromium, extra) {
  const env = { ...process.env, ...extra };
  return spawnSync(chromium, ["--version"], { env, encoding: "utf8", timeout: 20_000 });
}

/** Folder with `chromium`, its software renderer, and in `lib` what a bare machine lacks. */
function ensurePackagedChromium() {
  const about = { what: `Chromium (@sparticuz/chromium ${chromiumVersion})`, needMiB: 600 };
  return installOnce(`chromium-${chromiumVersion}`, about, async (cwd) => {
    const wanted = `@sparticuz/chromium@${chromiumVersion}`;
    await npm(["install", "--prefix", cwd, wanted], { cwd, what: about.what });
    const packed = path.join(cwd, "node_modules/@sparticuz/chromium/bin");
    const read = (name) => brotliDecompressSync(readFileSync(path.join(packed, name)));
    writeFileSync(path.join(cwd, "chromium"), read("chromium.br"));
    chmodSync(path.join(cwd, "chromium"), 0o755);
    unpackTar(read("swiftshader.tar.br"), cwd);
    unpackTar(read("al2023.tar.br"), cwd);
    rmSync(path.join(cwd, "node_modules"), { recursive: true });
  });
}

/** Path of a font configuration with known fonts, so that pictures look alike on every machine. */
async function ensureFonts() {
  const about = { what: `DejaVu fonts ${fontsVersion}`, needMiB: 60 };
  const name = `fonts-${fontsVersion}`;
  const folder = await installOnce(name, about, async (cwd) => {
    const wanted = `dejavu-fonts-ttf@${fontsVersion}`;
    await npm(["install", "--prefix", cwd, wanted], { cwd, what: about.what });
    cpSync(path.join(cwd, "node_modules/dejavu-fonts-ttf/ttf"), path.join(cwd, "ttf"), {
      recursive: true,
      // One face only: whatever a page asks for, it gets this one and pictures stay alike.
      filter: (source) => !/Serif|Condensed|TeX/.test(path.basename(source)),
    });
    rmSync(path.join(cwd, "node_modules"), { recursive: true });
    mkdirSync(path.join(cwd, "cache"));
    const final = path.join(cacheFolder(), name);
    writeFileSync(path.join(cwd, "fonts.conf"), fontConfig(final));
  });
  return path.join(folder, "fonts.conf");
}

/** @param {string} folder */
function fontConfig(folder) {
  return `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>${folder}/ttf</dir>
  <cachedir>${folder}/cache</cachedir>
  <alias binding="same">
    <family>monospace</family>
    <prefer><family>DejaVu Sans Mono</family></prefer>
  </alias>
</fontconfig>
`;
}
