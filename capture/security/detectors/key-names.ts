/** What a value is, judged by the name it stands behind. */
export interface KeyKind {
  /** Names the placeholder. */
  readonly type:
    | "password"
    | "secret"
    | "token"
    | "api-key"
    | "aws-secret"
    | "aws-key-id"
    | "mnemonic";
  /**
   * How much the name alone proves: `strong` names (`client_secret`) hold secrets of any look,
   * `weak` ones (`token`, `STRIPE_KEY`) only where the value looks random.
   */
  readonly proof: "strong" | "weak";
}

const password: KeyKind = { type: "password", proof: "strong" };
const secret: KeyKind = { type: "secret", proof: "strong" };
const token: KeyKind = { type: "token", proof: "strong" };
const weakToken: KeyKind = { type: "token", proof: "weak" };
const weakSecret: KeyKind = { type: "secret", proof: "weak" };
const apiKey: KeyKind = { type: "api-key", proof: "strong" };
const weakKey: KeyKind = { type: "api-key", proof: "weak" };
const awsSecret: KeyKind = { type: "aws-secret", proof: "strong" };
const awsKeyId: KeyKind = { type: "aws-key-id", proof: "weak" };
const mnemonic: KeyKind = { type: "mnemonic", proof: "strong" };

/** Words after the telling one that do not change what the value is. */
const qualifiers = words(
  "prod production dev development test testing staging stage live sandbox local main " +
    "primary secondary default value val old new current previous plain plaintext text raw " +
    "b64 base64 encoded str string env var v1 v2 data base",
);
const passwordWords = words("password passwd pass pwd passphrase passcode passwort pw");
const passwordEnding = /(?:password|passwd|passphrase|passwort)$/;
/** What makes a `…key` a secret. */
const keyOwners = words(
  "api apis access secret private signing sign encryption encrypt crypto account master " +
    "auth shared service role admin storage session jwt hmac app application client " +
    "subscription deploy webhook integration ingest ingestion write cookie csrf cipher aes " +
    "des hash vault license licence sas root consumer kms data",
);
/** Those of them that leave no doubt. */
const strongOwners = words(
  "api apis secret private signing encryption account master auth access admin role service jwt " +
    "hmac",
);
/** What makes a `…key` or `…token` something to show. */
const openOwners = words(
  "public publishable pub primary foreign partition sort row cache object unique " +
    "idempotency next page prev previous continuation continue cursor cancel cancellation " +
    "sync max min input output prompt completion total stop eos bos pad unk mask special " +
    "cls sep start end first last num count bucket translation i18n map dict react hot " +
    "registry group query storage lookup index search type state thinking cached reasoning",
);
/** Names of one word, or endings of one, that have no separator to split at. */
const glued =
  /(?:api|access|secret|private|auth|encryption|signing|account|master|sharedaccess)key$/;
const gluedToken =
  /(?:access|auth|api|refresh|bearer|session|secret|id|private|bot|user|csrf|xsrf)token$/;

/**
 * Judges a name such as `DB_PASSWORD`, `clientSecret` or `x-api-key`; null if nothing secret is
 * kept under such names. `before` is the word that stands before it after a blank, if any.
 */
export function keyKindOf(name: string, before = ""): KeyKind | null {
  if (name.length < 2 || name.length > 128) return null;
  const parts = wordsOf(name);
  while (parts.length > 1 && isQualifier(parts.at(-1) ?? "")) parts.pop();
  const last = parts.at(-1) ?? "";
  const owner = parts.at(-2) ?? before.toLowerCase();
  const isEnv = /^[A-Z][A-Z0-9_]{2,127}$/.test(name);
  const isAws = /aws/i.test(name) || parts.includes("secretaccesskey");

  if (passwordWords.has(last) || passwordEnding.test(last)) return password;
  if (last === "secret" || (last.endsWith("secret") && last !== "nonsecret")) {
    return parts.length > 1 || last !== "secret" || isEnv ? secret : weakSecret;
  }
  if (last === "token" || gluedToken.test(last) || last === "authtoken") {
    if (openOwners.has(owner)) return null;
    return parts.length > 1 || last !== "token" || before !== "" ? token : weakToken;
  }
  if (last === "key") return keyKind(parts, owner, isEnv, isAws);
  if (glued.test(last)) return last.endsWith("secretaccesskey") || isAws ? awsSecret : apiKey;
  if (last === "id" && owner === "key" && parts.includes("access")) return awsKeyId;
  if (last === "mnemonic" || (last === "phrase" && /seed|recovery|secret/.test(owner)))
    return mnemonic;
  if (/^(?:credential|credentials|creds|cred)$/.test(last)) return isEnv ? secret : weakSecret;
  if (last === "auth" && (parts.length === 1 || parts.at(-2) === "")) return weakSecret;
  if (last === "authorization" || last === "signature")
    return last === "authorization" ? weakSecret : null;
  return null;
}

function keyKind(
  parts: readonly string[],
  owner: string,
  isEnv: boolean,
  isAws: boolean,
): KeyKind | null {
  if (openOwners.has(owner) && !(owner === "storage" && isEnv)) return null;
  if (parts.includes("public") || parts.includes("publishable")) return null;
  if (parts.includes("secret") && parts.includes("access")) return awsSecret;
  if (owner === "access" && isAws) return awsKeyId;
  if (strongOwners.has(owner)) {
    return apiKey;
  }
  return keyOwners.has(owner) || isEnv ? weakKey : null;
}

function isQualifier(word: string): boolean {
  return qualifiers.has(word) || /^\d{1,4}$/.test(word);
}

/** The words of a name, lower-case: split at separators and at the humps of camelCase. */
function wordsOf(name: string): string[] {
  return name
    .replace(/([a-z0-9])([A-Z])/g, "$1_$2")
    .replace(/([A-Z])([A-Z][a-z])/g, "$1_$2")
    .toLowerCase()
    .split(/[^a-z0-9]{1,128}/)
    .filter((word) => word !== "")
    .map((word) => (word.length > 5 ? word.replace(/\d{1,3}$/, "") : word));
}

function words(list: string): ReadonlySet<string> {
  return new Set(list.split(" "));
}
