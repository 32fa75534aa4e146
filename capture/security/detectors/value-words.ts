import type { ValueContext } from "./value-judgement.ts";

/** Objects that hold settings in code: `config.password` is no password. */
const holders =
  "self this arg args opt opts options config cfg settings props ctx context req res " +
  "request params data state user body input event client credentials creds auth session";
const readers = new RegExp(
  "^(?:process\\.env|import\\.meta|os\\.environ|os\\.getenv|getenv|env[.([]|ENV[.([]" +
    `|secrets?[.([]|vault:|ssm:|op://|keyring|arn:|(?:${holders.replaceAll(" ", "|")})[.[?])`,
);
const variable = /^\\?\$[A-Za-z_]\w{0,64}(?:$|[/:.,;)}\]"'$@-])|^\\?\$[({]|^%[A-Za-z_]{1,64}%/;
/** Pointers, anchors, symbols and options, which are words behind a sign. */
const signed = /^(?:[&*@:]{1,2}|--?)[A-Za-z_][a-z_]{0,40}(?:[-:.`][A-Za-z_]{1,40}){0,8}:?`?$/;
const enclosed = /^(?:<[^>]{0,256}>|\{[^}]{0,256}\}|\[[^\]]{0,256}\]|\([^)]{0,256}\))$/;
const template = /\$\{|\$\(|\{\{|<%|%\(|^%[sdv]$|#\{/;

/** True for what stands in for a value kept elsewhere: `$TOKEN`, `process.env.TOKEN`, `<token>`. */
export function isReference(value: string): boolean {
  return [variable, signed, enclosed, template, readers].some((form) => form.test(value));
}

const stops = wordSet(
  "changeme change-me change_me changethis change-this replaceme replace-me todo fixme " +
    "tbd n/a none null nil undefined redacted hidden masked removed secret password passwd " +
    "token apikey api-key api_key required optional string number boolean unset empty " +
    "missing invalid unknown default disabled enabled",
);
const masked = /([*xX])\1{5}|\*{4}|\.{3}|^[*.xX_-]{3,512}$|\xe2\x80[\xa2\xa6]/;
const spoken =
  /^your|your[-_]|placeholder|redacted|^(?:insert|replace)[-_]|<[^>]{0,64}>|[-_]here$/i;
const wordsOnly = /^[A-Za-z]{1,24}(?:[-_ .][A-Za-z]{1,24}){0,8}$/;

/** True for what documentation writes where a value goes. */
export function isPlaceholder(value: string, context: ValueContext): boolean {
  if (stops.has(value.toLowerCase()) || /^(.)\1{0,512}$/.test(value)) return true;
  if (masked.test(value) || spoken.test(value)) return true;
  if (!wordsOnly.test(value)) return false;
  // Words only: names of things, unless a shell or .env line says that it is the value.
  const telling =
    context === "env"
      ? /example|sample|dummy|^my[-_]/i
      : /[-_.]|example|sample|dummy|token|secret|password|key/i;
  return telling.test(value);
}

const ordinary = wordSet(
  "true false yes no on off auto always never text hidden submit button email username " +
    "current-password new-password one-time-code object integer function async await return " +
    "typeof instanceof private public protected readonly static import export const varchar " +
    "bearer basic oauth oauth2 openid identifier keyword literal operator punctuation " +
    "comment variable manual prompt login logout cookie header query opaque generic " +
    "kubernetes dockerconfigjson",
);

/** True for single words that settings and grammars hold where a secret could stand. */
export function isOrdinaryWord(value: string): boolean {
  return ordinary.has(value.toLowerCase());
}

function wordSet(list: string): ReadonlySet<string> {
  return new Set(list.split(" "));
}
