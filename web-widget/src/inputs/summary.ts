import { css, html, nothing } from "lit";
import { repeat } from "lit/directives/repeat.js";

import { fill, texts } from "../texts.js";
import type { SummaryInput, SummaryRow } from "../types.js";
import { InputElement } from "./input-element.js";
import { choiceView, errorView } from "./parts.js";

const LONG = 280; // characters

/** The whole request before sending; each row can be corrected. */
export class IntercupSummary extends InputElement<SummaryInput> {
  static override styles = [
    ...InputElement.styles,
    css`
      .row { display: grid; grid-template-columns: minmax(0, 1fr) auto; gap: 6px 8px; padding: 6px 0; border-top: 1px solid var(--line); }
      dt { align-self: center; font-size: 15px; color: var(--muted); }
      dd { grid-column: 1 / -1; font-weight: 600; overflow-wrap: anywhere; white-space: pre-line; }
      .hint { display: block; margin-top: 4px; font-size: 15px; font-weight: 400; color: var(--muted); }
      .long { max-height: 208px; overflow-y: auto; padding-right: 8px; padding-inline: 0 8px; }
      dd.edit { display: flex; grid-column: 2; grid-row: 1; align-self: center; margin: -10px -8px -10px 0; margin-inline: 0 -8px; }
      dd.edit .plain { scroll-margin: 88px; outline-offset: -3px; box-shadow: none; }
      h3 { font-size: 18px; }
      .row:last-child { border-bottom: 1px solid var(--line); }
      .used dd { font-weight: 400; }
      .actions .button { flex: 1 1 90px; }
      .bar { position: sticky; bottom: 0; margin: 0 -16px -16px; padding: 12px 16px; border-top: 1px solid var(--line); border-radius: 0 0 4px 4px; background: var(--paper); }
      .bar .error { margin-bottom: 8px; }
      .bar .button { scroll-margin: 12px; }
    `,
  ];

  protected override render() {
    const { title, rows } = this.input;
    return html`<div class="card ${this.used ? "used" : ""}" role="group" aria-labelledby="title">
      <h3 id="title">${title}</h3>
      <dl>${rows.map((row) => this.row(row))}</dl>
      ${this.used ? this.sending() : html`${this.files()}<div class="bar">${this.missing()}${this.sending()}</div>`}
    </div>`;
  }

  protected override firstUpdated(): void {
    if (this.input.files && !this.used) this.emit("files");
  }

  /** The files' script draws once; in another language it begins again, with the same queue. */
  private files() {
    return repeat([texts.lang], String, () => html`<intercup-files .input=${this.input.files}></intercup-files>`);
  }

  private missing() {
    const missing = this.input.rows.filter(({ value }) => !value).map(({ label }) => label);
    return missing.length ? errorView(fill(texts.missing, missing.join(", "))) : nothing;
  }

  private sending() {
    const { send, cancel } = this.input;
    const { answered } = this;
    return html`<div class="actions">
      ${choiceView(send, { answered, primary: true, press: () => this.choose(send) })}
      ${choiceView(cancel, { answered, press: () => this.choose(cancel) })}
    </div>`;
  }

  private row({ label, value, hint, edit }: SummaryRow) {
    const button =
      edit && !this.used
        ? html`<dd class="edit">
            <button class="plain" type="button" aria-label=${edit.title} @click=${() => this.choose(edit)}>${texts.edit}</button>
          </dd>`
        : nothing;
    const note = hint && !this.used ? html`<span class="hint">${hint}</span>` : nothing;
    return html`<div class="row"><dt>${label}</dt><dd>${valueView(label, value)}${note}</dd>${button}</div>`;
  }
}

/** A value; a long one scrolls in its own box, also by keyboard, so that the buttons stay near. */
function valueView(label: string, value: string) {
  return value.length > LONG
    ? html`<div class="long" tabindex="0" role="group" aria-label=${label}>${value}</div>`
    : value;
}
