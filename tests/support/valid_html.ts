import assert from "node:assert/strict";
import { HtmlValidate } from "html-validate";

const validator = new HtmlValidate({
  extends: ["html-validate:recommended"],
  rules: {
    // How a template is laid out is no fault of the page.
    "no-trailing-whitespace": "off",
    "long-title": "off",
    "void-style": "off",
    "doctype-style": "off",
    // The dashboard's templates write attributes as the DOM does.
    "attribute-boolean-style": "off",
    "attribute-empty-style": "off",
    "form-dup-name": ["error", { shared: ["checkbox", "radio", "submit"] }],
  },
});

/** Throws where a page is not valid HTML; `what` names it. */
export async function assertValidHtml(html: string, what = "the page"): Promise<void> {
  const report = await validator.validateString(html);
  const faults = report.results.flatMap(({ messages }) => messages);
  assert.deepEqual(faults.map(({ ruleId, message, line }) => [ruleId, message, line]), [], what);
}
