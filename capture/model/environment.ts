/** What a session started from. What is not known is null: nothing here is ever guessed. */
export interface Environment {
  readonly head: string | null;
  readonly headTree: string | null;
  readonly snapshot: string | null;
  /** Platform and release, e.g. `linux 6.1.0`. */
  readonly os: string | null;
  readonly arch: string | null;
  /** Versions of runtimes and package managers by name. */
  readonly runtimes: Readonly<Record<string, string>> | null;
  /** sha256 by path of lock files. */
  readonly lockFiles: Readonly<Record<string, string>> | null;
  /** Instruction files in force: sha256 by path, null where the content is not known whole. */
  readonly instructions: Readonly<Record<string, string | null>> | null;
  /** Skills in force, the same by path, or by name where the transcript alone tells of them. */
  readonly skills: Readonly<Record<string, string | null>> | null;
}
