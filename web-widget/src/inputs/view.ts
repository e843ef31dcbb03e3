import { html, type TemplateResult } from "lit";

import type { Input } from "../types.js";

/** The element for an input; read-only with `answered`. */
export function inputView(input: Input, answered?: string): TemplateResult {
  switch (input.type) {
    case "select":
      return html`<intercup-select .input=${input} .answered=${answered}></intercup-select>`;
    case "textarea":
      return html`<intercup-textarea .input=${input} .answered=${answered}></intercup-textarea>`;
    case "consent":
      return html`<intercup-consent .input=${input} .answered=${answered}></intercup-consent>`;
    case "summary":
      return html`<intercup-summary .input=${input} .answered=${answered}></intercup-summary>`;
    case "mail":
      return html`<intercup-mail .input=${input}></intercup-mail>`;
    case "rating":
      return html`<intercup-rating .input=${input} .answered=${answered}></intercup-rating>`;
  }
}
