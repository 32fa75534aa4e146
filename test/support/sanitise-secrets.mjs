// The fake secrets of the recorded sessions. They are put together here, so that no file of the
// repository holds one as a whole; fixtures hold the placeholder. None of them ever was real.

/** Placeholder name to the token it stands for. */
export const PLANTED_SECRETS = new Map([
  ["aws-access-key-id-0", ["AKIA", "IOSFODNN7", "EXAMPLE"].join("")],
  ["aws-secret-access-key-0", ["wJalrXUtnFEMI", "K7MDENG", "bPxRfiCY" + "EXAMPLEKEY"].join("/")],
  ["github-token-0", `gh${"p_"}${"FAKEfake".repeat(4)}0000`],
  ["github-token-1", `gh${"p_"}${"FAKEfake".repeat(4)}1111`],
]);

const PLACEHOLDER = /@@SECRET:([a-z0-9-]+)@@/g;

/** The text with each planted secret replaced by its `@@SECRET:name@@`. */
export function hideSecrets(text) {
  let hidden = text;
  for (const [name, secret] of PLANTED_SECRETS) {
    hidden = hidden.replaceAll(secret, `@@SECRET:${name}@@`);
  }
  return hidden;
}

/** The text with each placeholder replaced by its secret; throws on a name that is not known. */
export function expandSecrets(text) {
  return text.replace(PLACEHOLDER, (_whole, name) => {
    const secret = PLANTED_SECRETS.get(name);
    if (secret === undefined) throw new Error(`no planted secret is called ${name}`);
    return secret;
  });
}
