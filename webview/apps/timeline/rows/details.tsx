import type { StepRow, TimelineContract } from "../../../protocol/timeline.ts";
import { act } from "../../../shared/act.ts";
import { Delayed } from "../../../shared/delayed.tsx";
import { count } from "../../../shared/format.ts";
import type { Host } from "../../../shared/host.ts";
import { SafeHtml } from "../../../shared/safe-html.tsx";
import { useRequest } from "../../../shared/use-request.ts";

interface Props {
  readonly host: Host<TimelineContract>;
  readonly trace: string;
  readonly row: StepRow;
}

/** An expanded step: the diff of an edit, the text and output of anything else. */
export function Details(props: Props) {
  return (
    <div className="details">
      {props.row.added === null && props.row.deleted === null ? (
        <StepText {...props} />
      ) : (
        <StepDiff {...props} />
      )}
    </div>
  );
}

function StepDiff({ host, trace, row }: Props) {
  const diff = useRequest(host, "stepDiff", { trace, step: row.step }, `${trace}/${row.step}`);
  if (diff.state === "loading") return <Loading />;
  if (diff.state === "failed") return <p role="alert">{diff.message}</p>;
  const openDiff = () => act(host, "openDiff", { trace, step: row.step, path: row.path });
  return (
    <>
      {diff.value.html === "" ? (
        <p className="dim">What this edit changed was not recorded.</p>
      ) : (
        <SafeHtml html={diff.value.html} />
      )}
      <p className="detail-foot">
        {diff.value.moreLines > 0 && (
          <span className="dim">{count(diff.value.moreLines)} more lines. </span>
        )}
        {/* The list is one tab stop: from the keyboard, Enter or d opens the diff. */}
        <button className="link" tabIndex={-1} onClick={openDiff}>
          Open diff
        </button>
      </p>
    </>
  );
}

function StepText({ host, trace, row }: Props) {
  const step = useRequest(host, "stepText", { trace, step: row.step }, `${trace}/${row.step}`);
  if (step.state === "loading") return <Loading />;
  if (step.state === "failed") return <p role="alert">{step.message}</p>;
  const { text, output, truncatedChars } = step.value;
  return (
    <>
      {text !== "" && text !== row.label && <pre className="said">{text}</pre>}
      {output !== null && <pre className="output">{output}</pre>}
      {text === "" && output === null && <p className="dim">Nothing more was recorded.</p>}
      {truncatedChars > 0 && (
        <p className="dim">{count(truncatedChars)} more characters are in the record.</p>
      )}
    </>
  );
}

function Loading() {
  return (
    <Delayed>
      <p className="dim">Loading…</p>
    </Delayed>
  );
}
