import { css, html, nothing, type PropertyValues, type TemplateResult } from "lit";
import { property, query, state } from "lit/decorators.js";
import { live } from "lit/directives/live.js";

import { sendIcon } from "./icons.js";
import { errorView } from "./inputs/parts.js";
import { belongsToInputMethod } from "./keys.js";
import { base, buttons, card } from "./styles/base.js";
import { fill, texts } from "./texts.js";
import { type Answer, TEXT_MAX, type TextareaInput } from "./types.js";
import { WidgetElement } from "./widget-element.js";

const NEAR_MAX = 200; // characters left when the counter appears
const COUNT_PAUSE = 1_000; // milliseconds

/**
 * The citizen's text field: Enter sends, Shift+Enter makes a new line. A step that asks for a long text gets a
 * higher field, a counter and a button in words; there Enter makes a new line.
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
      form { display: grid; gap: 8px; padding: 12px 16px 16px; border-top: 1px solid var(--line); background: var(--paper); }
      label { font-size: 15px; font-weight: 600; color: var(--ink); }
      .line { display: flex; align-items: flex-end; gap: 8px; }
      textarea.field { display: block; flex: 1; min-width: 0; height: 48px; max-height: 144px; padding: 11px 12px; resize: none; line-height: 24px; }
      .send { display: grid; place-items: center; flex: none; width: 48px; height: 48px; border-radius: 4px; color: var(--on-primary); background: var(--primary); border: 2px solid var(--primary); }
      .send.rtl svg { transform: scaleX(-1); }
      .send:hover { background: var(--primary-dark); border-color: var(--primary-dark); }
      textarea.long { height: 96px; max-height: 30vh; }
      .end { display: flex; align-items: center; justify-content: space-between; gap: 8px; }
      .count { font-size: 15px; color: var(--muted); text-align: end; }
      @media (max-width: 400px), (max-height: 600px) { form { padding: 8px 12px; } }
      @media (max-height: 600px) {
        label:not(.kept) { position: absolute; margin: 13px; font-weight: 400; }
        label.gone { clip-path: inset(50%); }
        textarea.field { max-height: 72px; }
      }
    `,
  ];

  @property() draft = "";
  /** The long text that the step asks for. */
  @property({ attribute: false }) input?: TextareaInput;
  @state() private error = "";

  @query("textarea") private field!: HTMLTextAreaElement;

  private counting?: ReturnType<typeof setTimeout>;

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearTimeout(this.counting);
  }

  override focus(options?: FocusOptions): void {
    this.field?.focus(options);
  }

  /** Put a text in the field as if typed. */
  change(draft: string): void {
    this.draft = draft;
    this.emit("draft", draft);
  }

  protected override willUpdate(changed: PropertyValues): void {
    if (changed.has("input")) this.error = "";
  }

  protected override updated(): void {
    // A field that grows with the text; the border is not part of scrollHeight.
    this.field.style.height = "";
    if (this.draft && this.field.scrollHeight > this.field.clientHeight) this.field.style.height = `${this.field.scrollHeight + 2}px`;
  }

  protected override render() {
    const { label = texts.messageLabel, hint } = this.input ?? {};
    const described = [hint && "hint", this.input && "count", this.error && "error"].filter(Boolean).join(" ");
    const field = html`<textarea id="message" class="field ${this.input ? "long" : ""}" rows="1" autocomplete="off"
      enterkeyhint=${this.input ? "enter" : "send"} .value=${live(this.draft)}
      aria-invalid=${this.error ? "true" : nothing} aria-describedby=${described || nothing}
      @input=${this.write} @keydown=${this.press}></textarea>`;
    return html`<form novalidate @submit=${this.submit}>
      <label for="message" class=${this.input ? "kept" : this.draft && "gone"}>${label}</label>
      ${hint ? html`<p class="hint" id="hint">${hint}</p>` : nothing}
      ${errorView(this.error)}
      ${this.input ? this.long(field) : this.short(field)}
    </form>`;
  }

  private long(field: TemplateResult) {
    return html`${field}<div class="end">
      <p class="count" id="count">${this.count}</p>
      <button class="button primary" type="submit">${texts.continue}</button>
    </div>`;
  }

  private short(field: TemplateResult) {
    return html`<div class="line">
        ${field}
        <button class="send ${texts.dir}" type="submit" aria-label=${texts.send}>${sendIcon}</button>
      </div>
      ${this.left <= NEAR_MAX ? html`<p class="count">${this.count}</p>` : nothing}`;
  }

  private get left(): number {
    return TEXT_MAX - this.draft.trim().length;
  }

  private get count(): string {
    return this.left < 0 ? fill(texts.charactersOver, -this.left) : fill(texts.charactersLeft, this.left);
  }

  private write(): void {
    this.error = "";
    this.change(this.field.value);
    // Announced only in a pause: a count at each key would drown out the typing.
    clearTimeout(this.counting);
    if (this.input) this.counting = setTimeout(() => this.emit("say", this.count), COUNT_PAUSE);
  }

  private press(event: KeyboardEvent): void {
    if (event.key === "Enter" && !this.input && !event.shiftKey && !belongsToInputMethod(event)) this.submit(event);
  }

  private submit(event: Event): void {
    event.preventDefault();
    clearTimeout(this.counting);
    const text = this.draft.trim();
    if (text && text.length <= TEXT_MAX) {
      this.change("");
      this.emit("answer", { text } satisfies Answer);
    } else if (text || this.input) {
      this.error = text ? fill(texts.tooLong, TEXT_MAX) : texts.writeFirst;
      this.emit("say", this.error);
    }
    this.focus();
  }

  private emit(type: string, detail: unknown): void {
    this.dispatchEvent(new CustomEvent(type, { detail, bubbles: true, composed: true }));
  }
}
