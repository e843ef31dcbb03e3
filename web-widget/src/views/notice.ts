import { html, nothing } from "lit";

import type { Conversation, Ending } from "../conversation.js";
import { alertIcon, checkIcon } from "../icons.js";
import { loginHref } from "../inputs/parts.js";
import { fill, texts } from "../texts.js";

export interface NoticeActions {
  reconnect(): void;
  withoutLogin(): void;
}

/** The notice about the connection, a refusal or the session's end. */
export function noticeView({ notice, ending, connected, expired }: Conversation, actions: NoticeActions) {
  if (!notice) return ending ? endingView(ending) : nothing;
  return html`<div class="notice ${notice.tone} ${expired ? "wrapped" : ""}">
    ${notice.tone === "error" ? alertIcon : checkIcon}
    <p>${notice.text}</p>
    ${connected ? nothing : html`<button class="plain" type="button" @click=${actions.reconnect}>${texts.reconnect}</button>`}
    ${expired ? expiredView(actions) : nothing}
  </div>`;
}

function endingView(ending: Ending) {
  return html`<div class="notice warning">
    ${alertIcon}
    <p>${endingSentence(ending)}</p>
    ${ending.prolong ? html`<button class="plain" type="button" @click=${ending.prolong}>${texts.stay}</button>` : nothing}
  </div>`;
}

export function endingSentence({ minutes, prolong }: Ending): string {
  const ending = fill(texts.ending, minutes);
  return prolong ? ending : `${ending} ${texts.endingForGood}`;
}

function expiredView({ withoutLogin }: NoticeActions) {
  return html`<div class="choices">
    <a class="button primary" href=${loginHref()}>${texts.logIn}</a>
    <button class="plain" type="button" @click=${withoutLogin}>${texts.withoutLogin}</button>
  </div>`;
}

export function typingView() {
  return html`<div class="typing"><span class="dots" aria-hidden="true"><i></i><i></i><i></i></span>${texts.typing}</div>`;
}
