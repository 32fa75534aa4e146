/**
 * Made-up secrets in the shapes that vendors document, from a seed: nothing that looks like a
 * secret stands in the repository itself.
 */

/** Numbers in `[0, 1)`, the same for the same seed. */
export type Random = () => number;

/** A small generator (mulberry32): equal seeds give equal secrets on every machine. */
export function randomOf(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const lower = "abcdefghijklmnopqrstuvwxyz";
const upper = lower.toUpperCase();
const digits = "0123456789";
const alnum = lower + upper + digits;
const hex = "0123456789abcdef";
const base64 = `${alnum}+/`;
const base64url = `${alnum}-_`;
const symbols = "!#%^*_-+?~";

/** `count` characters of `alphabet`. */
export function chars(random: Random, alphabet: string, count: number): string {
  return Array.from({ length: count }, () =>
    alphabet.charAt(Math.floor(random() * alphabet.length)),
  ).join("");
}

function password(random: Random): string {
  return (
    chars(random, lower, 3) +
    chars(random, digits, 2) +
    chars(random, upper, 3) +
    chars(random, symbols, 1) +
    chars(random, alnum, 5)
  );
}

function uuid(random: Random): string {
  return [8, 4, 4, 4, 12].map((count) => chars(random, hex, count)).join("-");
}

function jwtPart(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}

function jwt(random: Random): string {
  const body = { sub: chars(random, digits, 10), iat: 1_700_000_000 + Math.floor(random() * 1e8) };
  const header = jwtPart({ alg: "HS256", typ: "JWT" });
  return `${header}.${jwtPart(body)}.${chars(random, base64url, 43)}`;
}

/** One kind of secret. */
export interface SecretKind {
  readonly name: string;
  make(random: Random): string;
  /** The name that it has to stand behind; absent where its own shape gives it away. */
  readonly key?: string;
}

const shaped = (name: string, make: (random: Random) => string): SecretKind => ({ name, make });
const named = (key: string, make: (random: Random) => string): SecretKind => ({
  name: `behind ${key}`,
  make,
  key,
});

const an = (count: number) => (random: Random) => chars(random, alnum, count);
const hx = (count: number) => (random: Random) => chars(random, hex, count);
const b64 = (count: number) => (random: Random) => chars(random, base64, count);
const url = (count: number) => (random: Random) => chars(random, base64url, count);
const pre = (prefix: string, rest: (random: Random) => string) => (random: Random) =>
  prefix + rest(random);

/** Secrets that are found by their own shape. */
export const shapedKinds: readonly SecretKind[] = [
  shaped("github personal", pre("ghp_", an(36))),
  shaped("github oauth", pre("gho_", an(36))),
  shaped("github user", pre("ghu_", an(36))),
  shaped("github refresh", pre("ghr_", an(76))),
  shaped("github server", pre("ghs_", an(36))),
  shaped("github server jwt", (r) => `ghs_${chars(r, digits, 8)}_${jwt(r)}`),
  shaped("github fine-grained", (r) => `github_pat_${chars(r, alnum, 22)}_${chars(r, alnum, 59)}`),
  shaped("gitlab personal", pre("glpat-", url(20))),
  shaped("gitlab deploy", pre("gldt-", url(20))),
  shaped("gitlab runner", pre("glrt-", url(20))),
  shaped("gitlab trigger", pre("glptt-", hx(40))),
  shaped("bitbucket app", (r) => `ATBB${chars(r, alnum, 28)}${chars(r, digits, 4)}`),
  shaped("atlassian", (r) => `ATATT3xF${chars(r, base64url, 180)}`),
  shaped("sourcegraph", (r) => `sgp_${chars(r, hex, 16)}_${chars(r, hex, 40)}`),
  shaped("aws access key", (r) => `AKIA${chars(r, `${upper}234567`, 16)}`),
  shaped("aws temporary key", (r) => `ASIA${chars(r, `${upper}234567`, 16)}`),
  shaped("aws bedrock", pre("ABSK", b64(128))),
  shaped("google api", pre("AIza", url(35))),
  shaped("google oauth secret", pre("GOCSPX-", url(28))),
  shaped("google access token", pre("ya29.", url(120))),
  shaped("google refresh token", pre("1//0", url(60))),
  shaped("azure client secret", (r) => `${chars(r, alnum, 3)}8Q~${chars(r, alnum, 34)}`),
  shaped("digitalocean", pre("dop_v1_", hx(64))),
  shaped("fly", pre("fm2_", b64(120))),
  shaped("heroku", pre("HRKU-", url(60))),
  shaped("vault", pre("hvs.", url(90))),
  shaped("terraform", (r) => `${chars(r, alnum, 14)}.atlasv1.${chars(r, alnum, 67)}`),
  shaped("doppler", pre("dp.pt.", an(43))),
  shaped("pulumi", pre("pul-", hx(40))),
  shaped("supabase", pre("sbp_", hx(40))),
  shaped("planetscale", pre("pscale_tkn_", url(43))),
  shaped("databricks", pre("dapi", hx(32))),
  shaped("tailscale", (r) => `tskey-auth-${chars(r, alnum, 16)}-${chars(r, alnum, 32)}`),
  shaped("grafana", (r) => `glsa_${chars(r, alnum, 32)}_${chars(r, hex, 8)}`),
  shaped("new relic", (r) => `NRAK-${chars(r, upper + digits, 27)}`),
  shaped("sentry", pre("sntrys_", an(120))),
  shaped(
    "dynatrace",
    (r) => `dt0c01.${chars(r, upper + digits, 24)}.${chars(r, upper + digits, 64)}`,
  ),
  shaped("age", (r) => `AGE-SECRET-KEY-1${chars(r, upper + digits, 58)}`),
  shaped("alibaba", (r) => `LTAI${chars(r, alnum, 19)}7`),
  shaped("anthropic api", (r) => `sk-ant-api03-${chars(r, base64url, 93)}AA`),
  shaped("anthropic oauth", (r) => `sk-ant-oat01-${chars(r, base64url, 93)}AA`),
  shaped("anthropic admin", (r) => `sk-ant-admin01-${chars(r, base64url, 93)}AA`),
  shaped("openai project", pre("sk-proj-", url(120))),
  shaped("openai service account", pre("sk-svcacct-", url(120))),
  shaped("openai admin", pre("sk-admin-", url(120))),
  shaped("openai legacy", (r) => `sk-${chars(r, alnum, 20)}T3BlbkFJ${chars(r, alnum, 20)}`),
  shaped("deepseek", (r) => `sk-${chars(r, hex, 31)}7`),
  shaped("openrouter", pre("sk-or-v1-", hx(64))),
  shaped("hugging face", (r) => `hf_${chars(r, lower + upper, 34)}`),
  shaped("groq", pre("gsk_", an(52))),
  shaped("xai", pre("xai-", an(80))),
  shaped("perplexity", pre("pplx-", an(48))),
  shaped("replicate", pre("r8_", an(37))),
  shaped("nvidia", pre("nvapi-", url(64))),
  shaped("langsmith", (r) => `lsv2_pt_${chars(r, hex, 32)}_${chars(r, hex, 10)}`),
  shaped("pinecone", (r) => `pcsk_${chars(r, alnum, 6)}_${chars(r, alnum, 60)}`),
  shaped("stripe live", pre("sk_live_", an(24))),
  shaped("stripe restricted", pre("rk_live_", an(24))),
  shaped("stripe test", pre("sk_test_", an(99))),
  shaped("stripe webhook", pre("whsec_", an(32))),
  shaped("square", pre("sq0csp-", url(43))),
  shaped("shopify", pre("shpat_", hx(32))),
  shaped("plaid", (r) => `access-sandbox-${uuid(r)}`),
  shaped("razorpay", pre("rzp_live_", an(14))),
  shaped(
    "slack bot",
    (r) => `xoxb-${chars(r, digits, 12)}-${chars(r, digits, 12)}-${chars(r, alnum, 24)}`,
  ),
  shaped(
    "slack user",
    (r) => `xoxp-${chars(r, digits, 12)}-${chars(r, digits, 12)}-${chars(r, hex, 32)}`,
  ),
  shaped(
    "slack app",
    (r) => `xapp-1-A${chars(r, upper + digits, 10)}-${chars(r, digits, 13)}-${chars(r, hex, 64)}`,
  ),
  shaped("telegram", (r) => `7${chars(r, digits, 9)}:AA${chars(r, base64url, 33)}`),
  shaped("twilio", pre("SK", hx(32))),
  shaped("sendgrid", (r) => `SG.${chars(r, alnum, 22)}.${chars(r, alnum, 43)}`),
  shaped("mailgun", pre("key-", hx(32))),
  shaped("mailchimp", (r) => `${chars(r, hex, 32)}-us12`),
  shaped("brevo", (r) => `xkeysib-${chars(r, hex, 64)}-${chars(r, alnum, 16)}`),
  shaped("postman", (r) => `PMAK-${chars(r, hex, 24)}-${chars(r, hex, 34)}`),
  shaped("npm", pre("npm_", an(36))),
  shaped("pypi", (r) => `pypi-AgEIcHlwaS5vcmc${chars(r, base64url, 150)}`),
  shaped("rubygems", pre("rubygems_", hx(48))),
  shaped("nuget", (r) => `oy2${chars(r, lower + digits, 43)}`),
  shaped("docker hub", pre("dckr_pat_", url(27))),
  shaped("linear", pre("lin_api_", an(40))),
  shaped("notion", (r) => `ntn_${chars(r, digits, 11)}${chars(r, alnum, 35)}`),
  shaped("figma", pre("figd_", url(40))),
  shaped("buildkite", pre("bkua_", hx(40))),
  shaped("sonar", pre("squ_", hx(40))),
  shaped("jwt", jwt),
];

/** Secrets that only the name before them gives away. */
export const namedKinds: readonly SecretKind[] = [
  named("AWS_SECRET_ACCESS_KEY", b64(40)),
  named("aws_secret_access_key", b64(40)),
  named("AWS_SESSION_TOKEN", b64(300)),
  named("DB_PASSWORD", password),
  named("POSTGRES_PASSWORD", password),
  named("PGPASSWORD", password),
  named("MYSQL_ROOT_PASSWORD", password),
  named("password", password),
  named("passwd", password),
  named("smtpPassword", password),
  named("client_secret", an(40)),
  named("clientSecret", an(40)),
  named("JWT_SECRET", hx(64)),
  named("SESSION_SECRET", an(32)),
  named("secret_key_base", hx(128)),
  named("SECRET_KEY", an(50)),
  named("api_key", an(32)),
  named("apiKey", hx(32)),
  named("API_KEY", an(40)),
  named("x-api-key", an(40)),
  named("DATADOG_API_KEY", hx(32)),
  named("DD_APP_KEY", hx(40)),
  named("HEROKU_API_KEY", uuid),
  named("CLOUDFLARE_API_TOKEN", url(40)),
  named(
    "DISCORD_TOKEN",
    (r) => `M${chars(r, alnum, 23)}.${chars(r, alnum, 6)}.${chars(r, base64url, 38)}`,
  ),
  named("TWILIO_AUTH_TOKEN", hx(32)),
  named("access_token", an(64)),
  named("refreshToken", an(64)),
  named("auth_token", an(40)),
  named("CIRCLE_TOKEN", hx(40)),
  named("CODECOV_TOKEN", uuid),
  named("SNYK_TOKEN", uuid),
  named("VERCEL_TOKEN", an(24)),
  named("NETLIFY_AUTH_TOKEN", an(43)),
  named("COHERE_API_KEY", an(40)),
  named("MISTRAL_API_KEY", an(32)),
  named("private_key", b64(88)),
  named("encryption_key", hx(64)),
  named("signing_key", b64(44)),
  named("AccountKey", (r) => `${chars(r, base64, 86)}==`),
  named("SharedAccessKey", (r) => `${chars(r, base64, 43)}=`),
  named("webhook_secret", an(32)),
  named("consumer_secret", an(50)),
  named("bot_token", an(48)),
  named("ALGOLIA_ADMIN_KEY", hx(32)),
  named("OKTA_API_TOKEN", url(42)),
  named("passphrase", password),
  named("master_key", hx(32)),
  named("STRIPE_KEY", an(32)),
  named("_authToken", uuid),
];

/** A way in which a transcript shows a secret. */
export interface SecretContext {
  readonly name: string;
  write(secret: string, key: string): string;
}

/** Contexts as text; JSON in JSON and line numbers are put around them by the tests. */
export const contexts: readonly SecretContext[] = [
  { name: "env line", write: (secret, key) => `# settings\n${key}=${secret}\nDEBUG=1\n` },
  { name: "json", write: (secret, key) => `{"id": 7, "${key}": "${secret}", "on": true}` },
  {
    name: "json in json",
    write: (secret, key) => JSON.stringify({ body: JSON.stringify({ [key]: secret }) }),
  },
  { name: "yaml", write: (secret, key) => `service:\n  ${key}: ${secret}\n  port: 8080\n` },
  { name: "shell", write: (secret, key) => `export ${key}="${secret}" && npm run deploy` },
  {
    name: "code",
    write: (secret, key) => `const options = { ${key.replaceAll("-", "_")}: '${secret}' };`,
  },
  {
    name: "numbered",
    write: (secret, key) => `     1\t# x\n     2\t${key}=${secret}\n     3\tDEBUG=1`,
  },
  { name: "diff", write: (secret, key) => `@@ -1,2 +1,2 @@\n-${key}=old\n+${key}=${secret}\n` },
];
