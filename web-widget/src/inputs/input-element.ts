import { property } from "lit/decorators.js";

import { base, buttons, card } from "../styles/base.js";
import type { Answer, Choice, Input } from "../types.js";
import { WidgetElement } from "../widget-element.js";

/**
 * What all the inputs of a message have in common.
 *
 * @event answer - The citizen has answered; detail: Answer.
 * @event say - Something to read out; detail: the sentence.
 */
export abstract class InputElement<T extends Input> extends WidgetElement {
  static override styles = [base, buttons, card];

  @property({ attribute: false }) input!: T;
  /** What the citizen answered: the input then stays readable but can't be used again. */
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

  /** Have the widget's one live region read a sentence. */
  protected say(sentence: string): void {
    this.emit("say", sentence);
  }

  private emit(type: string, detail: unknown): void {
    this.dispatchEvent(new CustomEvent(type, { detail, bubbles: true, composed: true }));
  }
}
