import { html } from "lit";

import type { ConsentInput } from "../types.js";
import { InputElement } from "./input-element.js";
import { choiceView, linkView } from "./parts.js";

/** The exact sentence of a consent, a link to its document, and an explicit yes or no. */
export class IntercupConsent extends InputElement<ConsentInput> {
  protected override render() {
    const { label, translation, link, accept, refuse } = this.input;
    const { answered } = this;
    return html`<div class="card ${this.used ? "used" : ""}" role="group" aria-labelledby="label">
      <p class="label" id="label" lang="it" dir="ltr">${label}</p>
      ${translation && html`<p>${translation}</p>`}
      ${linkView(link, true)}
      <div class="actions">
        ${choiceView(accept, { answered, primary: true, press: () => this.choose(accept) })}
        ${choiceView(refuse, { answered, press: () => this.choose(refuse) })}
      </div>
    </div>`;
  }
}
