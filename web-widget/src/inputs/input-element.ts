import { property } from "lit/decorators.js";

import { base, buttons, card } from "../styles/base.js";
import type { Answer, Choice, Input } from "../types.js";
import { WidgetElement } from "../widget-element.js";

/**
 * Base class of a message's inputs.
 *
 * @event answer - The citizen has answered; detail: Answer.
 * @event say - A sentence to read out; detail: the sentence.
 * @event files - The script that draws `<intercup-files>` is needed.
 */
export abstract class InputElement<T extends Input> extends WidgetElement {
  static override styles = [base, buttons, card];

  @property({ attribute: false }) input!: T;
  /** The citizen's answer; with one the input is read-only. */
  @property({ attribute: false }) answered?: string;

  /** Move the focus to the first control. */
  override focus(options?: FocusOptions): void {
    this.renderRoot.querySelector<HTMLElement>("input, textarea, a, button")?.focus(options);
  }

  protected get used(): boolean {
    return this.answered !== undefined;
  }

  protected choose({ title, payload }: Choice): void {
    this.answer({ text: title, payload });
  }

  protected answer(detail: Answer): void {
    if (this.used) return;
    this.answered = detail.text;
    this.emit("answer", detail);
  }

  /** Announce a sentence in the widget's live region. */
  protected say(sentence: string): void {
    this.emit("say", sentence);
  }

  protected emit(type: string, detail?: unknown): void {
    this.dispatchEvent(new CustomEvent(type, { detail, bubbles: true, composed: true }));
  }
}
