import { css, html, nothing } from "lit";
import { property, query, state } from "lit/decorators.js";
import { live } from "lit/directives/live.js";

import { sendIcon } from "./icons.js";
import { errorView } from "./inputs/parts.js";
import { belongsToInputMethod } from "./keys.js";
import { base, buttons, card } from "./styles/base.js";
import { texts } from "./texts.js";
import type { Answer } from "./types.js";
import { WidgetElement } from "./widget-element.js";

const MAX = 2000; // characters, as the server accepts
const NEAR_MAX = 200; // characters left when the counter appears

/**
 * The citizen's text field: Enter sends, Shift+Enter makes a new line.
 *
 * @event answer - A message to send; detail: Answer.
 * @event draft - The text has changed; detail: the text.
 * @event say - A sentence to read out; detail: the sentence.
 */
export class IntercupComposer extends WidgetElement {
  static override styles = [
    base,
    buttons,
    card,
    css`
      form { display: grid; gap: 6px; padding: 12px 16px 16px; border-top: 1px solid var(--line); background: #fff; }
      label { font-size: 15px; font-weight: 600; color: var(--ink); }
      .line { display: flex; align-items: flex-end; gap: 8px; }
      textarea.field { display: block; flex: 1; min-width: 0; height: 48px; max-height: 144px; padding: 11px 12px; resize: none; line-height: 24px; }
      .send { display: grid; place-items: center; flex: none; width: 48px; height: 48px; border-radius: 4px; color: #fff; background: var(--primary); border: 2px solid var(--primary); }
      .send:hover { background: var(--primary-dark); border-color: var(--primary-dark); }
      .count { font-size: 15px; color: var(--muted); text-align: end; }
      @media (max-height: 420px) {
        form { padding: 8px 12px; }
        label { position: absolute; clip-path: inset(50%); }
        textarea.field { max-height: 72px; }
      }
    `,
  ];

  @property() draft = "";
  @state() private error = "";

  @query("textarea") private field!: HTMLTextAreaElement;

  override focus(options?: FocusOptions): void {
    this.field?.focus(options);
  }

  /** Put a text in the field as if typed. */
  change(draft: string): void {
    this.draft = draft;
    this.emit("draft", draft);
  }

  protected override updated(): void {
    // One line that grows with the text; the border is not part of scrollHeight.
    this.field.style.height = "";
    if (this.draft) this.field.style.height = `${this.field.scrollHeight + 2}px`;
  }

  protected override render() {
    const left = MAX - this.draft.trim().length;
    const count = left < 0 ? texts.charactersOver(-left) : texts.charactersLeft(left);
    return html`<form novalidate @submit=${this.submit}>
      <label for="message">${texts.messageLabel}</label>
      ${errorView(this.error)}
      <div class="line">
        <textarea id="message" class="field" rows="1" enterkeyhint="send" autocomplete="off" .value=${live(this.draft)}
          aria-invalid=${this.error ? "true" : nothing} aria-describedby=${this.error ? "error" : nothing}
          @input=${this.write} @keydown=${this.press}></textarea>
        <button class="send" type="submit" aria-label=${texts.send}>${sendIcon}</button>
      </div>
      ${left <= NEAR_MAX ? html`<p class="count">${count}</p>` : nothing}
    </form>`;
  }

  private write(): void {
    this.error = "";
    this.change(this.field.value);
  }

  private press(event: KeyboardEvent): void {
    if (event.key === "Enter" && !event.shiftKey && !belongsToInputMethod(event)) this.submit(event);
  }

  private submit(event: Event): void {
    event.preventDefault();
    const text = this.draft.trim();
    if (text.length > MAX) {
      this.error = texts.tooLong(MAX);
      this.emit("say", this.error);
    } else if (text) {
      this.change("");
      this.emit("answer", { text } satisfies Answer);
    }
    this.focus();
  }

  private emit(type: string, detail: unknown): void {
    this.dispatchEvent(new CustomEvent(type, { detail, bubbles: true, composed: true }));
  }
}
