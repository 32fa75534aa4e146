/** Files that a package manager writes. */
const lockFiles =
  /^(?:package-lock\.json|npm-shrinkwrap\.json|yarn\.lock|pnpm-lock\.yaml|bun\.lockb?|deno\.lock|Cargo\.lock|Gemfile\.lock|composer\.lock|poetry\.lock|uv\.lock|pdm\.lock|Pipfile\.lock|go\.sum|flake\.lock|mix\.lock|pubspec\.lock|Podfile\.lock|Package\.resolved|packages\.lock\.json|gradle\.lockfile|\.terraform\.lock\.hcl)$/u;

/** Folders of other people's code. */
const vendored = /(?:^|\/)(?:node_modules|vendor|vendored|third_party|bower_components)\//u;

/** True for a file that nobody wrote line by line: locked versions, vendored code. */
export function isGenerated(path: string): boolean {
  return lockFiles.test(path.slice(path.lastIndexOf("/") + 1)) || vendored.test(path);
}
