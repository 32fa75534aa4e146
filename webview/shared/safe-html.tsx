import DOMPurify from "dompurify";

/** Draws HTML that our host made from untrusted text, without anything that could act. */
export function SafeHtml({ html }: { readonly html: string }) {
  const clean = DOMPurify.sanitize(html, {
    USE_PROFILES: { html: true },
    FORBID_TAGS: ["style", "form", "input", "button", "img", "svg", "a"],
    FORBID_ATTR: ["style", "href", "src"],
    ALLOW_DATA_ATTR: false,
  });
  return <div dangerouslySetInnerHTML={{ __html: clean }} />;
}
