// Names that the client gives its records. Whatever is not listed is reported, never lost: the
// lines stay whole in the unit's source.

/** Line types that carry no step: state of the client that the timeline does not show. */
export const skippedTypes = namesIn(
  "agent-color agent-name agent-setting api-request-resumed artifact-autoreact-ledger " +
    "artifact-comment-monitor atis-latch attribution-snapshot bridge-session " +
    "content-replacement continued-in cost-state data-flow-incomplete data-flow-records " +
    "derived-from dev-mods ended-by-model file-history-delta file-history-snapshot " +
    "fork-context-ref frame-link history-suppression host-row hybrid-organization " +
    "isolation-latch last-prompt memory-mode mode observer-ref opentraces-paused " +
    "permission-mode pr-link progress queue-operation relocated repl-mode resume-head-vouch " +
    "session-owner summary tag tools-used worktree-state",
);

/** Subtypes of `system` lines that say nothing about what was done. */
export const skippedSubtypes = namesIn(
  "away_summary bridge_status cloud_session_status file_snapshot memory_saved placed " +
    "rewind_stand_in scheduled_task_fire stop_hook_summary thinking turn_duration",
);

/** Attachments that the client put into the context by itself: part of it, but no step. */
export const silentAttachments = namesIn(
  "account_memory_recall advisor_stripped advisor_tool agent_ask_notice agent_listing_delta " +
    "agent_mention already_read_file artifact_opening_prefetch async_hook_response " +
    "async_hook_response_batch at_mention_reference attention_budget auto_mode auto_mode_exit " +
    "bash_output_audience_note batching_reminder batching_reminder_sent budget_usd " +
    "claude_app_notice command_permissions compact_file_reference context_efficiency " +
    "context_sections context_tip coordinator_context cowork_memory_context credential_org " +
    "critical_system_reminder date date_change deferred_tools_delta deferred_tools_record " +
    "diagnostics dir_sync_notice directory dynamic_skill edited_image_file edited_text_file " +
    "elapsed_time_reminder environment file first_week fork_briefing goal_status goals " +
    "hook_additional_context hook_cancelled hook_deferred_tool hook_error_during_execution " +
    "hook_non_blocking_error hook_permission_decision hook_plugin_listing hook_success " +
    "hook_system_message image inlined_image_paths instruction_files_not_loaded instructions " +
    "invoked_skills language linked_plugin_tools_note mcp_dropped_tools_delta " +
    "mcp_instructions_delta mcp_resource memory_update message_pdf_reads model nested_memory " +
    "notebook opened_file_in_ide output_limit_note output_style output_style_instructions " +
    "output_token_usage pdf pdf_reference peer_mention plan_file_reference plan_mode " +
    "plan_mode_exit plan_mode_reentry plugin_note poll_events prefix_delta proactivity " +
    "project_doc_reads projects_thread_ask prompt_as_file prompt_render_point prompt_snapshot " +
    "read_truncation_notice relevant_memories remote_session_change repl_mcp_needs_auth " +
    "repl_mcp_servers sandbox_instructions secondary_reminder secondary_reminder_sent " +
    "selected_lines_in_diff selected_lines_in_ide session_context session_cron_carry " +
    "silent_turn_reminder skill_listing skill_mention structured_output task_reminder " +
    "task_status team_context teammate_mailbox teammate_shutdown_batch text thinking_drop " +
    "thinking_stripped thread_state todo todo_reminder token_usage tool_host_result_lines " +
    "tool_hosts_correction tool_hosts_notice tool_offer_record tool_results_cut " +
    "tool_search_usage_reminder total_tokens_reminder ultra_effort_enter ultra_effort_exit " +
    "ultrathink_effort unknown_command_fallback verify_plan_reminder whole_texts_withdrawn " +
    "widget_context_hint withheld_memory workflow_keyword_request " +
    "workflow_size_guideline_change",
);

function namesIn(text: string): ReadonlySet<string> {
  return new Set(text.split(" "));
}
