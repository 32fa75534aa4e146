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
    content: z.array(z.unknown()),
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
    systemPrompt: z.array(z.string()).optional().catch(undefined),
    tools: z.array(z.unknown()).optional().catch(undefined),
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

/**
 * Line types that carry no step of their own: state of the client that the timeline does not show.
 *
 * Listed so that a new type is reported and not lost. The lines stay whole in the unit's source.
 */
export const skippedTypes: ReadonlySet<string> = new Set([
  "agent-color",
  "agent-name",
  "agent-setting",
  "api-request-resumed",
  "atis-latch",
  "content-replacement",
  "continued-in",
  "cost-state",
  "data-flow-records",
  "derived-from",
  "ended-by-model",
  "file-history-delta",
  "file-history-snapshot",
  "fork-context-ref",
  "frame-link",
  "last-prompt",
  "mode",
  // Ours: it stands in the source for a line that was written while capture was paused.
  "opentraces-paused",
  "permission-mode",
  "pr-link",
  "progress",
  "queue-operation",
  "relocated",
  "resume-head-vouch",
  "session-owner",
  "summary",
  "tag",
  "tools-used",
  "worktree-state",
]);

/** Subtypes of `system` lines that say nothing about what was done. */
export const skippedSubtypes: ReadonlySet<string> = new Set([
  "away_summary",
  "bridge_status",
  "file_snapshot",
  "memory_saved",
  "scheduled_task_fire",
  "stop_hook_summary",
  "thinking",
  "turn_duration",
]);

/** Attachments that the client put into the context by itself: part of it, but no step. */
export const silentAttachments: ReadonlySet<string> = new Set([
  "agent_listing_delta",
  "agent_mention",
  "already_read_file",
  "async_hook_response",
  "auto_mode",
  "auto_mode_exit",
  "budget_usd",
  "command_permissions",
  "compact_file_reference",
  "critical_system_reminder",
  "date",
  "date_change",
  "deferred_tools_delta",
  "deferred_tools_record",
  "diagnostics",
  "directory",
  "dynamic_skill",
  "edited_image_file",
  "edited_text_file",
  "environment",
  "file",
  "hook_additional_context",
  "hook_cancelled",
  "hook_non_blocking_error",
  "hook_success",
  "hook_system_message",
  "invoked_skills",
  "mcp_instructions_delta",
  "mcp_resource",
  "model",
  "nested_memory",
  "opened_file_in_ide",
  "output_style",
  "pdf_reference",
  "plan_file_reference",
  "plan_mode",
  "plan_mode_exit",
  "plan_mode_reentry",
  "prompt_snapshot",
  "relevant_memories",
  "remote_session_change",
  "selected_lines_in_ide",
  "session_context",
  "skill_listing",
  "structured_output",
  "task_reminder",
  "task_status",
  "team_context",
  "teammate_mailbox",
  "todo",
  "todo_reminder",
  "token_usage",
  "ultrathink_effort",
  "verify_plan_reminder",
]);
