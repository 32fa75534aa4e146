import { createHash } from "node:crypto";
import { readdir, readFile, stat } from "node:fs/promises";
import { arch, platform, release } from "node:os";
import { isAbsolute, join, relative } from "node:path";
import { isErrno } from "../base/errors.ts";
import type { Op } from "../base/op.ts";
import { placeOf, readHead, type Repository } from "../git/repository.ts";
import { gitLine } from "../git/run.ts";
import type { Environment } from "../model/environment.ts";

const lockFileNames = [
  "package-lock.json",
  "npm-shrinkwrap.json",
  "yarn.lock",
  "pnpm-lock.yaml",
  "bun.lock",
  "bun.lockb",
  "deno.lock",
  "poetry.lock",
  "Pipfile.lock",
  "uv.lock",
  "pdm.lock",
  "requirements.txt",
  "Cargo.lock",
  "go.sum",
  "Gemfile.lock",
  "composer.lock",
  "mix.lock",
  "pubspec.lock",
  "Package.resolved",
  "flake.lock",
  "gradle.lockfile",
];
const instructionNames = [
  "CLAUDE.md",
  "CLAUDE.local.md",
  "AGENTS.md",
  "AGENTS.override.md",
  ".claude/CLAUDE.md",
  ".cursorrules",
  ".github/copilot-instructions.md",
  "GEMINI.md",
];
/** Files that name the version of a runtime or package manager, by what they name. */
const versionFiles: Readonly<Record<string, readonly string[]>> = {
  node: [".nvmrc", ".node-version"],
  python: [".python-version"],
  ruby: [".ruby-version"],
  go: [".go-version"],
  rust: ["rust-toolchain", "rust-toolchain.toml"],
  tools: [".tool-versions", "mise.toml"],
};
const hashedBytesMax = 16 * 1024 * 1024;
const skillsMax = 500;
const nestedFoldersMax = 64;

/**
 * What a session starts from, told from files alone: no program is started for it but git.
 *
 * `folders` are those that the agent looks for instructions and skills in, beside the work tree.
 */
export async function describeEnvironment(
  op: Op,
  place: {
    readonly root: string;
    /** Where the session works, in `root` or below: instructions on the way are in force. */
    readonly cwd: string;
    readonly repository: Repository | null;
    readonly snapshot: string | null;
    readonly configFolders: readonly string[];
  },
): Promise<Environment> {
  const { root, repository, snapshot, configFolders } = place;
  const head = repository === null ? null : (await readHead(op, repository)).commit;
  const instructions: Record<string, string> = {};
  for (const folder of foldersDownTo(root, place.cwd)) {
    const names = instructionNames.map((name) => (folder === "" ? name : `${folder}/${name}`));
    Object.assign(instructions, await hashesOf(root, names));
  }
  for (const folder of configFolders) {
    for (const [name, hash] of Object.entries(await hashesOf(folder, instructionNames))) {
      instructions[join(folder, name)] = hash;
    }
  }
  return {
    head,
    headTree: repository === null || head === null ? null : await treeOf(op, repository, head),
    snapshot,
    os: `${platform()} ${release()}`,
    arch: arch(),
    runtimes: await runtimesOf(root),
    lockFiles: await hashesOf(root, lockFileNames),
    instructions,
    skills: await skillsOf([join(root, ".claude"), join(root, ".agents"), ...configFolders], root),
  };
}

/** The folders from `root` (the empty path) to `cwd`, relative to `root`. */
function foldersDownTo(root: string, cwd: string): string[] {
  const inside = relative(root, cwd).replaceAll("\\", "/");
  if (inside === "" || inside.startsWith("..") || isAbsolute(inside)) return [""];
  const names = inside.split("/").slice(0, nestedFoldersMax);
  return ["", ...names.map((_, at) => names.slice(0, at + 1).join("/"))];
}

function treeOf(op: Op, repository: Repository, commit: string): Promise<string> {
  return gitLine(op, { ...placeOf(repository), args: ["rev-parse", `${commit}^{tree}`] });
}

/** Versions as the project pins them. Asking each runtime would cost a process each. */
async function runtimesOf(root: string): Promise<Record<string, string>> {
  const runtimes: Record<string, string> = {};
  for (const [name, files] of Object.entries(versionFiles)) {
    for (const file of files) {
      const text = await textOf(join(root, file));
      const version = text?.trim().split("\n")[0]?.slice(0, 100);
      if (version !== undefined && version !== "") runtimes[name] ??= version;
    }
  }
  const manifest = await textOf(join(root, "package.json"));
  const manager = /"packageManager"\s*:\s*"([^"@]+)@([^"+]+)/.exec(manifest ?? "");
  if (manager?.[1] !== undefined && manager[2] !== undefined) runtimes[manager[1]] = manager[2];
  const engine = /"engines"\s*:\s*\{[^}]*"node"\s*:\s*"([^"]+)"/.exec(manifest ?? "")?.[1];
  if (engine !== undefined) runtimes["node"] ??= engine;
  return runtimes;
}

async function hashesOf(folder: string, names: readonly string[]): Promise<Record<string, string>> {
  const hashes: Record<string, string> = {};
  for (const name of names) {
    const hash = await hashOf(join(folder, name));
    if (hash !== null) hashes[name] = hash;
  }
  return hashes;
}

/** `skills/<name>/SKILL.md` below each folder; paths inside the work tree are relative to it. */
async function skillsOf(folders: readonly string[], root: string): Promise<Record<string, string>> {
  const skills: Record<string, string> = {};
  for (const folder of folders) {
    for (const name of (await namesIn(join(folder, "skills"))).slice(0, skillsMax)) {
      const path = join(folder, "skills", name, "SKILL.md");
      const hash = await hashOf(path);
      const inside = relative(root, path);
      if (hash !== null)
        skills[inside.startsWith("..") ? path : inside.replaceAll("\\", "/")] = hash;
    }
  }
  return skills;
}

async function hashOf(path: string): Promise<string | null> {
  try {
    const { size } = await stat(path);
    if (size > hashedBytesMax) return null;
    return createHash("sha256")
      .update(await readFile(path))
      .digest("hex");
  } catch (error) {
    return ignored(error, null);
  }
}

async function textOf(path: string): Promise<string | null> {
  try {
    return (await stat(path)).size > hashedBytesMax ? null : await readFile(path, "utf8");
  } catch (error) {
    return ignored(error, null);
  }
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).toSorted();
  } catch (error) {
    return ignored(error, []);
  }
}

function ignored<T>(error: unknown, value: T): T {
  if (isErrno(error, "ENOENT", "ENOTDIR", "EISDIR", "EACCES", "EPERM", "ELOOP")) return value;
  throw error;
}
