import { css, html, nothing } from "lit";
import { query, state } from "lit/decorators.js";
import { live } from "lit/directives/live.js";

import { texts } from "../texts.js";
import type { TextareaInput } from "../types.js";
import { InputElement } from "./input-element.js";
import { errorView, usedView } from "./parts.js";

const COUNT_PAUSE = 1_000; // milliseconds

/** A long text with a counter and a minimum and maximum length. */
export class IntercupTextarea extends InputElement<TextareaInput> {
  static override styles = [
    ...InputElement.styles,
    css`
      textarea.field { display: block; min-height: 144px; resize: vertical; line-height: 1.5; }
      .body { display: grid; gap: 8px; }
      .count { font-size: 15px; color: var(--muted); text-align: end; }
      .count.over { color: var(--danger); font-weight: 600; }
    `,
  ];

  @state() private text = "";
  @state() private error = "";

  @query("textarea") private field!: HTMLTextAreaElement;

  private counting?: ReturnType<typeof setTimeout>;

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearTimeout(this.counting);
  }

  private get count(): string {
    const left = this.input.max - this.text.trim().length;
    return left < 0 ? texts.charactersOver(-left) : texts.charactersLeft(left);
  }

  protected override render() {
    if (this.used) return usedView(this.input.label, this.answered!, []);
    const { label, hint, max } = this.input;
    const described = [hint && "hint", "count", this.error && "error"].filter(Boolean).join(" ");
    return html`<div class="card">
      <div class="body">
        <label class="label" for="field">${label}</label>
        ${hint ? html`<p class="hint" id="hint">${hint}</p>` : nothing}
        <textarea id="field" class="field" rows="5" aria-describedby=${described}
          aria-invalid=${this.error ? "true" : nothing} .value=${live(this.text)} @input=${this.write}></textarea>
        <p id="count" class="count ${this.text.trim().length > max ? "over" : ""}">${this.count}</p>
      </div>
      ${errorView(this.error)}
      <div class="actions"><button class="button primary" type="button" @click=${this.submit}>${texts.continue}</button></div>
    </div>`;
  }

  private write(): void {
    this.text = this.field.value;
    this.error = "";
    // Announced only in a pause: a count at each key would drown out the typing.
    clearTimeout(this.counting);
    this.counting = setTimeout(() => this.say(this.count), COUNT_PAUSE);
  }

  private submit(): void {
    clearTimeout(this.counting);
    const { min = 1, max } = this.input;
    const text = this.text.trim();
    if (text.length >= min && text.length <= max) return this.answer({ text });
    this.error = text.length < min ? texts.tooShort(min) : texts.shorten(max);
    this.say(this.error);
    this.field.focus();
  }
}
