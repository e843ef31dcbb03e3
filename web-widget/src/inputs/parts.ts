import { html, nothing, type TemplateResult } from "lit";

import { alertIcon } from "../icons.js";
import { safeHref } from "../safe-href.js";
import { texts } from "../texts.js";
import type { Choice, Link } from "../types.js";

export const LOGIN = "/accedi";

/** The address of the login, which comes back to this page. */
export function loginHref(): string {
  return `${LOGIN}?ritorno=${encodeURIComponent(location.pathname + location.search)}`;
}

/** The error message of a field, which refers to it by the id `error`. */
export function errorView(sentence: string): TemplateResult | typeof nothing {
  return sentence ? html`<p class="error" id="error">${alertIcon}<span>${sentence}</span></p>` : nothing;
}

/** A choice button; after the answer it is disabled, and the chosen one is marked. */
export function choiceView(
  { title, short, line }: Choice,
  options: { answered?: string; primary?: boolean; name?: string; press: () => void },
): TemplateResult {
  const chosen = options.answered === title;
  return html`<button type="button" class="button ${options.primary ? "primary" : ""} ${chosen ? "chosen" : ""}"
    ?disabled=${options.answered !== undefined} @click=${options.press}>
    ${short ? html`<span class="named"><strong>${short}</strong> <span>${line}</span> <small>${title}</small></span>` : title}${chosen ? html` <span class="sr">${texts.chosen}</span>` : nothing}
  </button>`;
}

/** Return true for a link shown as a button: the login, or a call. */
export function isStep({ href }: Link): boolean {
  return href === LOGIN || href.startsWith("tel:");
}

export function linksView(links: Link[]): (TemplateResult | typeof nothing)[] {
  return links.map((link) => linkView(link));
}

/** A link, unless its address is unsafe; other sites open in a new tab. */
export function linkView({ title, href }: Link, newTab = /^https:/i.test(href)): TemplateResult | typeof nothing {
  const address = safeHref(href);
  if (!address) return nothing;
  if (address === LOGIN) return html`<p><a class="button primary" href=${loginHref()}>${title}</a></p>`;
  return newTab
    ? html`<p><a class="link" href=${address} target="_blank" rel="noopener">${title} <span class="hint">${texts.newTab}</span></a></p>`
    : html`<p><a class="link ${address.startsWith("tel:") ? "call" : ""}" href=${address}>${title}</a></p>`;
}
