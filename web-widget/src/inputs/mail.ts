import { css, html } from "lit";
import { query, state } from "lit/decorators.js";

import { texts } from "../texts.js";
import type { MailInput } from "../types.js";
import { InputElement } from "./input-element.js";
import { linkView } from "./parts.js";

/** A mail for citizens to send themselves: opened in their mail program, or copied. It is no answer. */
export class IntercupMail extends InputElement<MailInput> {
  static override styles = [
    ...InputElement.styles,
    css`
      dl { display: grid; grid-template-columns: auto 1fr; gap: 4px 12px; }
      dt { color: var(--muted); }
      dd { overflow-wrap: anywhere; }
      textarea { resize: vertical; }
      .actions { align-items: center; }
    `,
  ];

  @query("textarea") private body!: HTMLTextAreaElement;
  @state() private outcome = "";

  protected override render() {
    const { label, to, subject, body, open, copy } = this.input;
    return html`<div class="card" role="group" aria-labelledby="label">
      <h3 id="label">${label}</h3>
      <dl>
        <dt>${texts.mailTo}</dt><dd>${to}</dd>
        <dt>${texts.mailSubject}</dt><dd>${subject}</dd>
      </dl>
      <textarea class="field" rows="6" readonly aria-label=${texts.mailBody} .value=${body}></textarea>
      <div class="actions">
        <button type="button" class="button" @click=${this.copy}>${copy.title}</button>
        ${linkView(open)}
      </div>
      ${this.outcome ? html`<p class="hint">${this.outcome}</p>` : ""}
    </div>`;
  }

  private readonly copy = async (): Promise<void> => {
    const { to, subject, body } = this.input;
    const mail = `${texts.mailTo} ${to}\n${texts.mailSubject} ${subject}\n\n${body}`;
    try {
      await navigator.clipboard.writeText(mail);
      this.outcome = texts.copied;
    } catch {
      // Without HTTPS, or the citizen's permission, pages have no clipboard.
      this.body.focus();
      this.body.select();
      this.outcome = texts.copyByHand;
    }
    this.say(this.outcome);
  };
}
