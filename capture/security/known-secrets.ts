import { keyKindOf } from "./detectors/key-names.ts";
import { entropyBits } from "./detectors/value-judgement.ts";
import { isReference } from "./detectors/value-words.ts";

/** Shorter values are too common to be looked for by themselves. */
const knownCharsMin = 8;
const knownCharsMax = 4_096;
/** Values kept; a `.env` with more is generated, and what it names first counts. */
const knownMax = 1_000;

/**
 * The values of a `.env` file that may be looked for literally.
 *
 * In a file of that name every value is taken that could be a secret, whatever its key: only
 * numbers, words, paths, addresses and references to other variables are left out.
 */
export function knownSecretsOfEnvFile(text: string): string[] {
  const found: string[] = [];
  const assignment = /^[ \t]*(?:export[ \t]+)?([A-Za-z_][A-Za-z0-9_.-]{0,127})[ \t]*=[ \t]*(.*)$/;
  const lines = text.split(/\r?\n/);
  for (let i = 0; i < lines.length; i += 1) {
    const [, name = "", written = ""] = assignment.exec(lines[i] ?? "") ?? [];
    if (name === "") continue;
    const quote = /^["'`]/.exec(written)?.[0] ?? "";
    let value = written;
    if (quote !== "" && !written.slice(1).includes(quote)) {
      // A quoted value may go on over several lines.
      const rest = lines.slice(i + 1, i + 100);
      const last = rest.findIndex((line) => line.includes(quote));
      if (last >= 0) value = [written, ...rest.slice(0, last + 1)].join("\n");
    }
    found.push(...valuesOf(unquoted(value), isSecretName(name)));
  }
  return distinct(found);
}

/** Names that sound secret and hold a place: a shell sets PWD to the very folder of the session. */
const placeNames = /^(?:OLD)?PWD$|^XAUTHORITY$|(?:SOCK|_FILE|_PATH|_DIR|_HOME|ASKPASS)$/i;

/** The values of environment variables whose names say secret. */
export function knownSecretsOfEnvironment(
  environment: Readonly<Record<string, string | undefined>>,
): string[] {
  const found: string[] = [];
  for (const [name, value] of Object.entries(environment)) {
    if (value === undefined || placeNames.test(name)) continue;
    if (isSecretName(name)) found.push(...valuesOf(value, true));
  }
  return distinct(found);
}

/** True if a literal is long and odd enough to be looked for everywhere. */
function isUsableLiteral(value: string, isNamed: boolean): boolean {
  if (value.length < knownCharsMin || value.length > knownCharsMax) return false;
  if (isReference(value) || !/[A-Za-z0-9]{3}/.test(value)) return false;
  if (
    /^(?:true|false|null|none|undefined|localhost|development|production|password|changeme)$/i.test(
      value,
    )
  ) {
    return false;
  }
  if (new Set(value).size < 4) return false;
  if (isNamed)
    return !/^[\w.-]*\/?(?:secret|token|password|key)s?$/i.test(value) || /\d/.test(value);
  if (/^[-+\d.,:\s]+$/.test(value) || /\s/.test(value)) return false;
  if (/^(?:[A-Za-z][\w+.-]*:\/\/|\.{0,2}\/|~\/|[A-Za-z]:[\\/])/.test(value)) return false;
  if (/^[\w.+-]+@[\w.-]+$/.test(value) || /^[\w-]+(?:\.[\w-]+)+(?::\d+)?$/.test(value))
    return false;
  return (
    /\d/.test(value) && /[A-Za-z]/.test(value) && value.length >= 12 && entropyBits(value) >= 3
  );
}

function valuesOf(value: string, isNamed: boolean): string[] {
  const lines = value.split(/\\n|\r?\n/).filter((line) => !line.startsWith("-----"));
  const usable = lines.filter((line) => isUsableLiteral(line, isNamed));
  const password = /^[A-Za-z][\w+.-]{1,30}:\/\/[^\s:/@]*:([^\s/@]+)@/.exec(value)?.[1];
  if (password === undefined || !isUsableLiteral(password, true)) return usable;
  // Of an address only the password is secret.
  return [password];
}

function isSecretName(name: string): boolean {
  return keyKindOf(name) !== null || /(?:_PAT|_DSN|_SALT)$/.test(name);
}

function unquoted(written: string): string {
  const quoted = /^(["'`])([\s\S]*?)\1/.exec(written);
  if (quoted !== null) return quoted[2] ?? "";
  return written.replace(/\s#.*$/, "").trim();
}

function distinct(values: readonly string[]): string[] {
  return [...new Set(values)].slice(0, knownMax);
}
