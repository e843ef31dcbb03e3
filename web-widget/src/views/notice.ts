import { html, nothing } from "lit";

import type { Conversation } from "../conversation.js";
import { alertIcon, checkIcon } from "../icons.js";
import { texts } from "../texts.js";

/** What the citizen must know about the connection or a refusal. */
export function noticeView({ notice, connected }: Conversation, reconnect: () => void) {
  if (!notice) return nothing;
  return html`<div class="notice ${notice.tone}">
    ${notice.tone === "error" ? alertIcon : checkIcon}
    <p>${notice.text}</p>
    ${connected ? nothing : html`<button class="plain" type="button" @click=${reconnect}>${texts.reconnect}</button>`}
  </div>`;
}

export function typingView() {
  return html`<div class="typing"><span class="dots" aria-hidden="true"><i></i><i></i><i></i></span>${texts.typing}</div>`;
}
