// Where the client puts words of its own: places in session records, hook payloads and model
// requests. A place is the record's kind, then the keys: `attachment/date.rendered[].content`.

/** Places whose texts go through the strict rule. */
const STRICT = [
  /^attachment\/\w+\.rendered(InHumanTurn)?\[\]\.content$/,
  /^attachment\/(prompt_snapshot|deferred_tools_record|skill_listing)\.attachment\./,
  /^attachment\/(agent_listing_delta|deferred_tools_delta)\.attachment\.addedLines\[\]$/,
  /^attachment\/session_context\.attachment\.context\./,
  /^attachment\/remote_session_change\.attachment\.(commit|pr)$/,
  /^attachment\/model\.attachment\.text$/,
  /^attachment\/queued_command\.attachment\.prompt$/,
  /^api-request-shape\.shape\./,
  /^api-request-blob\.message\.content(\[\]\.text)?$/,
  /^(user|request-user|request-system)\.message\.content(\[\]\.text)?$/,
  /^queue-operation\.content$/,
  /^request\.(system|tools)\[\]\./,
  /^UserPromptSubmit\.prompt$/,
];

/** Whether the texts of a place are the client's unless shown to be ours. */
export function isClientPlace(place) {
  return STRICT.some((form) => form.test(place));
}

/** The kind of a session record or hook payload, as places begin with it. */
export function kindOf(record) {
  if (record.hook_event_name !== undefined) return record.hook_event_name;
  if (record.type === "attachment") return `attachment/${record.attachment.type}`;
  if (record.type === "system") return `system/${record.subtype}`;
  return record.type ?? "file";
}

/** A deep copy with each string replaced by `change(text, place)`; keys are changed by `key`. */
export function mapTexts(value, place, change, key = (name) => name) {
  if (typeof value === "string") return change(value, place);
  if (Array.isArray(value)) return value.map((item) => mapTexts(item, `${place}[]`, change, key));
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [
      key(name),
      mapTexts(member, `${place}.${name}`, change, key),
    ]),
  );
}
