import type { Environment } from "../../model/environment.ts";
import { sha256 } from "./canonical.ts";
import { isRecord } from "./is-record.ts";
import type { AttachmentLine } from "./lines.ts";
import { textField } from "./loose-fields.ts";
import { recordedPath } from "./paths.ts";

/** Instruction files and skills of one session; what is beyond stays in the source alone. */
const listedMax = 500;

/** What nothing in a transcript says. */
const untold = { head: null, headTree: null, snapshot: null, arch: null } as const;

export interface EnvironmentPlace {
  readonly root: string | null;
  readonly cwd: string | null;
  /** The gate changed the line: a content in it may not be that of the file. */
  readonly isGated: boolean;
}

/**
 * Gathers what a session started from, as far as its attachments prove it.
 *
 * The client lists system, skills and instruction files before the first response. The files of
 * folders further down follow when the agent first looks there, new skills when they appear.
 */
export class EnvironmentFold {
  #os: string | null = null;
  readonly #instructions = new Map<string, string | null>();
  readonly #skills = new Map<string, string | null>();
  #isNew = false;

  attachment(attachment: AttachmentLine["attachment"], place: EnvironmentPlace): void {
    switch (attachment.type) {
      case "environment":
        this.#system(attachment.snapshot);
        return;
      case "skill_listing":
        for (const name of attachment.names ?? []) this.#skill(name);
        return;
      case "instructions":
        // The client cuts white space off these texts, so that no hash can be made of them.
        for (const file of attachment.files ?? []) this.#file(file, place);
        return;
      case "nested_memory":
        this.#file(attachment.content, place);
        return;
    }
  }

  /** All that is known by now; undefined where that was told before. */
  told(): Environment | undefined {
    if (!this.#isNew) return undefined;
    this.#isNew = false;
    return {
      ...untold,
      os: this.#os,
      runtimes: null,
      lockFiles: null,
      instructions: listed(this.#instructions),
      skills: listed(this.#skills),
    };
  }

  #system(snapshot: { platform?: string | undefined; osVersion?: string | undefined } = {}): void {
    if (this.#os !== null) return;
    const { platform, osVersion } = snapshot;
    if (osVersion === undefined) return;
    // As live capture writes it: `linux 6.1.0`, where the client says `Linux 6.1.0`.
    const start = `${platform ?? ""} `;
    const isSame = osVersion.toLowerCase().startsWith(start) && start !== " ";
    this.#os = isSame ? start + osVersion.slice(start.length) : osVersion;
    this.#isNew = true;
  }

  #skill(name: string): void {
    if (this.#skills.has(name) || this.#skills.size >= listedMax) return;
    this.#skills.set(name, null);
    this.#isNew = true;
  }

  #file(file: unknown, place: EnvironmentPlace): void {
    const { path, content, rawContent, contentDiffersFromDisk } = isRecord(file) ? file : {};
    if (typeof path !== "string" || path === "") return;
    const whole =
      contentDiffersFromDisk === true
        ? textField(rawContent)
        : contentDiffersFromDisk === false
          ? textField(content)
          : undefined;
    const name = recordedPath(path, place);
    const isKnown = whole !== undefined && !place.isGated && !whole.startsWith("[[lifted:");
    const hash = isKnown ? sha256(whole) : null;
    if (this.#instructions.has(name)) {
      if (hash === null || this.#instructions.get(name) === hash) return;
    } else if (this.#instructions.size >= listedMax) return;
    this.#instructions.set(name, hash);
    this.#isNew = true;
  }
}

/** Nothing listed is not known: the client may not have written it down. */
function listed(entries: ReadonlyMap<string, string | null>): Record<string, string | null> | null {
  return entries.size === 0 ? null : Object.fromEntries(entries);
}
