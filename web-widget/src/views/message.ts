import { html, nothing, type TemplateResult } from "lit";

import type { Entry } from "../conversation.js";
import { alertIcon } from "../icons.js";
import { choiceView, isStep, linksView } from "../inputs/parts.js";
import { inputView } from "../inputs/view.js";
import { texts } from "../texts.js";
import { activeInput, answerTo } from "../turns.js";
import type { Answer } from "../types.js";
import { clock } from "./clock.js";

// With bounds, as without them a long word takes time in proportion to its square.
const EMAIL_OR_NUMBER = /([\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+|\bIC(?:-[0-9A-Z]{4}){3}\b)/;

export interface MessageActions {
  /** Answer the message with this id. */
  answer(id: string, answer: Answer): void;
  retry(id: string): void;
}

/** One message with its links, buttons and input. */
export function messageView(entries: readonly Entry[], index: number, actions: MessageActions): TemplateResult {
  const entry = entries[index]!;
  const { id, from, text, links = [], input, lang, text_lang, dir } = entry;
  const answered = answerTo(entries, index);
  const active = activeInput(entries)?.id === id;
  // The login or the call is the step itself, unless an input asks for something else.
  const steps = input ? [] : links.filter(isStep);
  const others = linksView(links.filter((link) => !steps.includes(link)));
  const given = ({ detail }: CustomEvent<Answer>) => actions.answer(id, detail);
  return html`<div class="message ${from} ${entry.state ?? ""}" data-id=${id} tabindex="-1" lang=${lang} dir=${dir}>
    ${text && input?.type !== "receipt" ? html`<div class="bubble" dir=${lang && !text_lang ? dir : "auto"}>${prefixView(from)}<span class="text" lang=${text_lang ?? lang}>${textView(text)}</span></div>` : nothing}
    ${linksView(steps)}
    ${buttonsView(entry, answered, actions)}
    ${input?.type === "receipt" ? nothing : others}
    ${input ? html`<div class="input" @answer=${given}>${inputView(input, active ? undefined : (answered ?? ""))}</div>` : nothing}
    ${input?.type === "receipt" ? others : nothing}
    ${stateView(entry, entries[index + 1], actions)}
  </div>`;
}

function prefixView(from: Entry["from"]) {
  return html`<span class="sr">${from === "bot" ? texts.botPrefix : texts.citizenPrefix} </span>`;
}

/** Plain text; only e-mail addresses become links, and a request's number stays on one line. */
function textView(text: string) {
  const special = (part: string) =>
    part.includes("@") ? html`<a href="mailto:${part}">${part}</a>` : html`<strong class="number">${part}</strong>`;
  const parts = text.split(EMAIL_OR_NUMBER).map((part, index) => (index % 2 ? special(part) : part));
  return parts;
}

function buttonsView({ id, buttons = [] }: Entry, answered: string | undefined, { answer }: MessageActions) {
  if (!buttons.length) return nothing;
  const view = (choice: (typeof buttons)[number]) =>
    choiceView(choice, { answered, press: () => answer(id, { text: choice.title, payload: choice.payload }) });
  return html`<ul class="actions" role="list">
    ${buttons.map((choice) => html`<li>${view(choice)}</li>`)}
  </ul>`;
}

function stateView(entry: Entry, next: Entry | undefined, { retry }: MessageActions) {
  const time = html`<time datetime=${entry.time}>${clock(entry.time)}</time>`;
  if (entry.state === "sending") return html`<p class="meta">${texts.sending}</p>`;
  if (entry.state === "unsent") {
    return html`<p class="meta failed">
      ${alertIcon}<span>${entry.again ? texts.unsentAgain : texts.unsent}</span>
      <button type="button" class="plain" ?disabled=${entry.waiting} @click=${() => retry(entry.id)}>
        ${entry.waiting ? texts.retrySoon : texts.retry}
      </button>
    </p>`;
  }
  // Messages of the same minute share the last one's time.
  const together = next && !next.state && clock(next.time) === clock(entry.time);
  return together ? nothing : html`<p class="meta">${time}</p>`;
}
