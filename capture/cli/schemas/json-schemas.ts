import * as z from "zod";
import { errorCodes } from "../../base/errors.ts";
import { ctxRecordSchema } from "../../bucket/codec/ctx-codec.ts";
import { eventRecordSchema } from "../../bucket/codec/event-codec.ts";
import { sessionUnitSchema, sourceMapRecordSchema } from "../../bucket/codec/session-codec.ts";
import { traceRecordSchema } from "../../bucket/codec/trace-codec.ts";
import { trailRecordSchema } from "../../bucket/codec/trail-codec.ts";
import { schemaOf } from "../render/json.ts";
import {
  blameAnswer,
  commitBlameAnswer,
  diffAnswer,
  trackAnswer,
  whyAnswer,
} from "./line-answers.ts";
import {
  captureAnswer,
  captureStateAnswer,
  collectAnswer,
  importAnswer,
  setupAnswer,
  traceListAnswer,
  traceShowAnswer,
} from "./session-answers.ts";

const errorCode = z.enum(Object.keys(errorCodes));

const checkAnswer = z.object({
  checks: z.array(
    z.object({
      id: z.string(),
      ok: z.boolean(),
      message: z.string(),
      fix: z.string().nullable(),
    }),
  ),
});

/** Of `ot help`, `ot help errors` and `ot --version`: one of the three. */
const helpAnswer = z.object({
  commands: z
    .array(
      z.object({
        verb: z.string(),
        usage: z.string(),
        summary: z.string(),
        about: z.array(z.string()),
        options: z.array(
          z.object({ name: z.string(), value: z.string().nullable(), what: z.string() }),
        ),
        examples: z.array(z.object({ command: z.string(), what: z.string() })),
      }),
    )
    .exactOptional(),
  errors: z
    .array(z.object({ code: errorCode, exitCode: z.number().int(), meaning: z.string() }))
    .exactOptional(),
  version: z.string().exactOptional(),
});

/** By verb, what its `--json` holds beside `schema` and `status`. `ot hook` prints nothing. */
const answers: Readonly<Record<string, z.ZodObject>> = {
  setup: setupAnswer,
  import: importAnswer,
  capture: captureAnswer,
  "capture pause": captureStateAnswer,
  "capture resume": captureStateAnswer,
  "capture exclude": captureStateAnswer,
  "trace list": traceListAnswer,
  "trace show": traceShowAnswer,
  why: whyAnswer,
  "trail blame": blameAnswer,
  "trail blame commit": commitBlameAnswer,
  "trail blame pr": commitBlameAnswer,
  "trail track": trackAnswer,
  "trail diff": diffAnswer,
  "bucket gc": collectAnswer,
  status: checkAnswer,
  doctor: checkAnswer,
  help: helpAnswer,
};

const error = z.object({
  schema: z.literal("opentraces.error.v1"),
  status: z.literal("error"),
  error: z.object({
    code: errorCode,
    message: z.string(),
    hint: z.string().nullable(),
    candidates: z.array(z.string()).exactOptional(),
  }),
});

/** One line of each kind of file in a unit, and `session.json` itself. */
const records: Readonly<Record<string, z.ZodType>> = {
  "opentraces.session.v1": sessionUnitSchema,
  "opentraces.record.source-map.v1": sourceMapRecordSchema,
  "opentraces.record.event.v1": eventRecordSchema,
  "opentraces.record.trace.v1": traceRecordSchema,
  "opentraces.record.ctx.v1": ctxRecordSchema,
  "opentraces.record.trail.v1": trailRecordSchema,
};

/** Every answer as it is printed, and every record as it stands in a bucket, by schema name. */
export const wireSchemas: ReadonlyMap<string, z.ZodType> = new Map([
  ["opentraces.error.v1", error],
  ...Object.entries(answers).map(([verb, answer]): [string, z.ZodType] => {
    const schema = z.literal(schemaOf(verb));
    return [schemaOf(verb), z.object({ schema, status: z.literal("ok"), ...answer.shape })];
  }),
  ...Object.entries(records),
]);

/**
 * JSON Schemas (draft 2020-12) by name, as the package has them in `dist/schemas/`.
 *
 * Members that a schema does not name are allowed: within a version, more may be there.
 */
export function jsonSchemas(): ReadonlyMap<string, object> {
  return new Map(
    [...wireSchemas].map(([name, schema]) => {
      const { $schema, ...rest } = z.toJSONSchema(schema, { io: "input" });
      return [name, { $schema, $id: `${name}.json`, title: name, ...rest }];
    }),
  );
}
