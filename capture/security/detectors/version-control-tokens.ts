import type { TokenShape } from "./token-shape.ts";

/** Tokens of code hosts, after their public token format pages. */
export const versionControlTokens: readonly TokenShape[] = [
  {
    type: "github-token",
    anchors: ["ghp_", "gho_", "ghu_", "ghr_"],
    pattern: "gh[pour]_[A-Za-z0-9]{20,512}",
    tailCharsMin: 20,
  },
  {
    // Installation tokens: 36 characters, or an id and a JWT.
    type: "github-token",
    anchors: ["ghs_"],
    pattern: "ghs_[A-Za-z0-9_.-]{20,4096}",
    tailCharsMin: 20,
  },
  {
    type: "github-token",
    anchors: ["github_pat_"],
    pattern: "github_pat_[A-Za-z0-9_]{20,512}",
    tailCharsMin: 20,
  },
  {
    type: "gitlab-token",
    anchors: [
      "glpat-",
      "gloas-",
      "gldt-",
      "glrt-",
      "glrtr-",
      "glptt-",
      "glft-",
      "glimt-",
      "glagent-",
      "glcbt-",
      "glsoat-",
      "glffct-",
      "glwt-",
    ],
    pattern: "gl[a-z]{2,6}-[A-Za-z0-9_.=-]{16,512}",
    tailCharsMin: 16,
  },
  {
    type: "gitlab-token",
    anchors: ["GR1348941"],
    pattern: "GR1348941[A-Za-z0-9_-]{16,64}",
    tailCharsMin: 16,
  },
  {
    type: "bitbucket-token",
    anchors: ["ATBB", "ATCTT3xF"],
    pattern: "(?:ATBB[A-Za-z0-9_=-]{24,512}|ATCTT3xF[A-Za-z0-9_=-]{24,512})",
    tailCharsMin: 24,
    midWord: false,
    accepts: (token) => /\d/.test(token),
  },
  {
    type: "atlassian-token",
    anchors: ["ATATT3xF", "ATOATT3xF"],
    pattern: "ATO?ATT3xF[A-Za-z0-9_=.-]{24,1024}",
    tailCharsMin: 24,
  },
  {
    type: "sourcegraph-token",
    anchors: ["sgp_"],
    pattern: "sgp_(?:[a-f0-9]{16}_|local_)?[a-f0-9]{40}",
    tailCharsMin: 40,
  },
];
