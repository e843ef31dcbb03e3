import { css, html, nothing } from "lit";
import { state } from "lit/decorators.js";

import { checkIcon } from "../icons.js";
import { texts } from "../texts.js";
import type { ReceiptInput } from "../types.js";
import { InputElement } from "./input-element.js";

/** A registered request: its number to copy, who gets it, and its newest state. */
export class IntercupReceipt extends InputElement<ReceiptInput> {
  static override styles = [
    ...InputElement.styles,
    css`
      .card { gap: 10px; border-top-color: var(--success); }
      h3 { display: flex; gap: 8px; color: var(--success); }
      .number { font-size: 20px; white-space: nowrap; color: var(--ink); }
      .number + .hint { margin: 0; }
      .line { display: flex; flex-wrap: wrap; align-items: center; gap: 8px 16px; }
      dt { font-size: 15px; color: var(--muted); }
      dd { font-weight: 600; overflow-wrap: anywhere; }
      dd + dt { margin-top: 8px; }
    `,
  ];

  @state() private outcome = "";

  protected override render() {
    const { number, rows, state } = this.input;
    return html`<div class="card" role="group" aria-labelledby="title">
      <h3 id="title">${checkIcon}${texts.registered}</h3>
      <div class="line">
        <strong class="number">${number}</strong>
        <button type="button" class="button" @click=${this.copy}>${texts.copyNumber}</button>
        ${this.outcome ? html`<p class="hint">${this.outcome}</p>` : nothing}
      </div>
      <dl>
        ${rows.map(({ label, value }) => html`<dt>${label}</dt><dd>${value}</dd>`)}
        <dt>${texts.state}</dt><dd>${state}</dd>
      </dl>
    </div>`;
  }

  private readonly copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(this.input.number);
      this.outcome = texts.numberCopied;
    } catch {
      // Without HTTPS, or the citizen's permission, pages have no clipboard.
      getSelection()?.selectAllChildren(this.renderRoot.querySelector(".number")!);
      this.outcome = texts.copyByHand;
    }
    this.say(this.outcome);
  };
}
