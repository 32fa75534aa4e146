import type { CommandSpec } from "./command.ts";
import { careCommands } from "./table/care.ts";
import { lineCommands } from "./table/lines.ts";
import { lookCommands } from "./table/look.ts";
import { recordCommands } from "./table/record.ts";

/** Every verb of this version, in the order of the help. */
export const commandTable: readonly CommandSpec[] = [
  ...recordCommands,
  ...lookCommands,
  ...lineCommands,
  ...careCommands,
];
