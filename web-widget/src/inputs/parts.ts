import { html, nothing, type TemplateResult } from "lit";

import { alertIcon } from "../icons.js";
import { safeHref } from "../safe-href.js";
import { texts } from "../texts.js";
import type { Choice, Link } from "../types.js";

/** The error message of a field, which refers to it by the id `error`. */
export function errorView(sentence: string): TemplateResult | typeof nothing {
  return sentence ? html`<p class="error" id="error">${alertIcon}<span>${sentence}</span></p>` : nothing;
}

/** An answered input: its question, and the choice if it was one of those offered. */
export function usedView(label: string, answered: string, offered: Choice[]): TemplateResult {
  const chosen = offered.some(({ title }) => title === answered);
  return html`<div class="card used">
    <p class="label">${label}</p>
    <p>${chosen ? texts.chosenValue(answered) : texts.answeredInWords}</p>
  </div>`;
}

/** A choice button; after the answer it is disabled, and the chosen one is marked. */
export function choiceView(
  { title }: Choice,
  options: { answered?: string; primary?: boolean; name?: string; press: () => void },
): TemplateResult {
  const chosen = options.answered === title;
  return html`<button type="button" class="button ${options.primary ? "primary" : ""} ${chosen ? "chosen" : ""}"
    ?disabled=${options.answered !== undefined} @click=${options.press}>
    ${title}${chosen ? html` <span class="sr">${texts.chosen}</span>` : nothing}
  </button>`;
}

/** A link, unless its address is unsafe; other sites open in a new tab. */
export function linkView({ title, href }: Link, newTab = /^https:/i.test(href)): TemplateResult | typeof nothing {
  const address = safeHref(href);
  if (!address) return nothing;
  return newTab
    ? html`<p><a class="link" href=${address} target="_blank" rel="noopener">${title} <span class="hint">${texts.newTab}</span></a></p>`
    : html`<p><a class="link ${address.startsWith("tel:") ? "call" : ""}" href=${address}>${title}</a></p>`;
}
