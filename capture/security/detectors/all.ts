import { aiTokens } from "./ai-tokens.ts";
import { cloudTokens } from "./cloud-tokens.ts";
import { curlCredentials, netrc, shortPasswordOption, sqlAccount } from "./command-line.ts";
import type { Detector } from "./detector.ts";
import { authorizationHeader, basicCredentials, bearerToken, cookies } from "./http-headers.ts";
import { passwordValues, secretValues } from "./key-value.ts";
import { derPrivateKey, encodedPrivateKey, pemPrivateKey } from "./private-key.ts";
import { serviceTokens } from "./service-tokens.ts";
import { tokenDetector } from "./token-shape.ts";
import { escapedSlashes, urlCredentials } from "./url-credentials.ts";
import { versionControlTokens } from "./version-control-tokens.ts";

/** All detectors of gate 1 but those of known secrets. */
export const builtInDetectors: readonly Detector[] = [
  ...[...versionControlTokens, ...cloudTokens, ...aiTokens, ...serviceTokens].map(tokenDetector),
  pemPrivateKey,
  derPrivateKey,
  encodedPrivateKey,
  urlCredentials,
  escapedSlashes,
  curlCredentials,
  shortPasswordOption,
  netrc,
  sqlAccount,
  bearerToken,
  basicCredentials,
  authorizationHeader,
  cookies,
  passwordValues,
  secretValues,
];
