import * as z from "zod";

// Loose on purpose: the vendor adds fields weekly. Only what is read is described, a field of a
// wrong type counts as absent, and content blocks are looked at one by one (see `blocks.ts`).
const text = z.string().optional().catch(undefined);
const flag = z.boolean().optional().catch(undefined);
const count = z.number().optional().catch(undefined);

const stamp = {
  uuid: text,
  parentUuid: z.string().nullish().catch(undefined),
  timestamp: text,
  sessionId: text,
  cwd: text,
  gitBranch: text,
  version: text,
  entrypoint: text,
  isSidechain: flag,
  forkedFrom: z.object({ sessionId: text }).optional().catch(undefined),
};

const Content = z.union([z.string(), z.array(z.unknown())]);

export const UserLine = z.object({
  type: z.literal("user"),
  ...stamp,
  message: z.object({ content: Content }),
  isMeta: flag,
  isCompactSummary: flag,
  promptSource: text,
  turnOrigin: text,
  toolUseResult: z.unknown().optional(),
  toolDenialKind: text,
  permissionDecision: z.object({ decision: text }).optional().catch(undefined),
});
export type UserLine = z.infer<typeof UserLine>;

export const AssistantLine = z.object({
  type: z.literal("assistant"),
  ...stamp,
  message: z.object({
    id: text,
    model: text,
    content: Content,
    usage: z
      .object({
        input_tokens: count,
        output_tokens: count,
        cache_read_input_tokens: count,
        cache_creation_input_tokens: count,
      })
      .nullish()
      .catch(undefined),
  }),
  isApiErrorMessage: flag,
  requestRef: text,
  requestSessionId: text,
});
export type AssistantLine = z.infer<typeof AssistantLine>;

export const SystemLine = z.object({
  type: z.literal("system"),
  ...stamp,
  subtype: text,
  content: text,
  error: z.object({ formatted: text, message: text, status: count }).optional().catch(undefined),
  retryAttempt: count,
  preventedContinuation: flag,
  stopReason: text,
  compactMetadata: z
    .object({
      trigger: text,
      preTokens: count,
      postTokens: count,
      preservedMessages: z
        .object({ uuids: z.array(z.string()).catch([]) })
        .optional()
        .catch(undefined),
    })
    .optional()
    .catch(undefined),
});
export type SystemLine = z.infer<typeof SystemLine>;

export const AttachmentLine = z.object({
  type: z.literal("attachment"),
  ...stamp,
  attachment: z.object({
    type: z.string(),
    commandMode: text,
    prompt: Content.optional().catch(undefined),
    blockingError: z.unknown().optional(),
    message: text,
    systemPrompt: z.array(z.string()).optional().catch(undefined),
    tools: z.array(z.unknown()).optional().catch(undefined),
    snapshot: z.object({ platform: text, osVersion: text }).optional().catch(undefined),
    names: z.array(z.string()).optional().catch(undefined),
    files: z.array(z.unknown()).optional().catch(undefined),
    content: z.unknown().optional(),
  }),
  rendered: z
    .array(z.object({ content: Content }))
    .optional()
    .catch(undefined),
  renderedRole: text,
});
export type AttachmentLine = z.infer<typeof AttachmentLine>;

/** A name that the user or the client gave the session. */
export const TitleLine = z.object({
  type: z.enum(["custom-title", "ai-title"]),
  customTitle: text,
  aiTitle: text,
  title: text,
});

export const ShapeLine = z.object({
  type: z.literal("api-request-shape"),
  shapeHash: z.string(),
  shape: z.object({
    system: z.array(z.unknown()).optional().catch(undefined),
    tools: z.array(z.unknown()).optional().catch(undefined),
  }),
});

export const BlobLine = z.object({
  type: z.literal("api-request-blob"),
  hash: z.string(),
  message: z.object({ role: z.string(), content: Content }),
});

export type BlobLine = z.infer<typeof BlobLine>;

export const RequestLine = z.object({
  type: z.literal("api-request"),
  id: z.string(),
  timestamp: text,
  shapeHash: text,
  params: z.object({ model: text }).optional().catch(undefined),
  base: z.string().nullish().catch(undefined),
  keep: z.number().int().nonnegative().optional().catch(undefined),
  tail: z.array(z.string()),
});
export type RequestLine = z.infer<typeof RequestLine>;

export type TranscriptLine = UserLine | AssistantLine | SystemLine | AttachmentLine;
