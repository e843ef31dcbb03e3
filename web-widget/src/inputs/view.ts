import { html, nothing, type TemplateResult } from "lit";

import type { Input } from "../types.js";

/** The element for an input, read-only with `answered`; the question and its answer say enough about the others. */
export function inputView(input: Input, answered?: string): TemplateResult | typeof nothing {
  if (answered !== undefined && input.brief) return nothing;
  switch (input.type) {
    case "select":
      return html`<intercup-select .input=${input}></intercup-select>`;
    case "consent":
      return html`<intercup-consent .input=${input} .answered=${answered}></intercup-consent>`;
    case "summary":
      return html`<intercup-summary .input=${input} .answered=${answered}></intercup-summary>`;
    case "mail":
      return html`<intercup-mail .input=${input}></intercup-mail>`;
    case "rating":
      return html`<intercup-rating .input=${input}></intercup-rating>`;
    case "receipt":
      return html`<intercup-receipt .input=${input}></intercup-receipt>`;
    default:
      return nothing; // A description is written in the composer.
  }
}
