import type { ReactiveController, ReactiveControllerHost } from "lit";
import { html } from "lit";
import { repeat } from "lit/directives/repeat.js";

import { texts } from "./texts.js";
import type { Message } from "./types.js";

const CLEAR = 10_000; // milliseconds
const KEPT = 5; // sentences

/** The widget's one live region: each sentence is a new node, so that it is read once. */
export class Announcer implements ReactiveController {
  private said: { key: number; text: string }[] = [];
  private counter = 0;
  private timer?: ReturnType<typeof setTimeout>;

  constructor(private readonly host: ReactiveControllerHost) {
    host.addController(this);
  }

  hostDisconnected(): void {
    clearTimeout(this.timer);
  }

  say(text: string): void {
    this.show([...this.said, { key: this.counter++, text }].slice(-KEPT));
    clearTimeout(this.timer);
    // A screen reader must not find the sentences again below the conversation.
    this.timer = setTimeout(() => this.show([]), CLEAR);
  }

  /** Announce speaker, text and choices. */
  sayMessage({ text, buttons = [] }: Message): void {
    const choices = buttons.length ? ` ${texts.choices} ${buttons.map(({ short, title }) => short ?? title).join("; ")}.` : "";
    this.say(`${texts.botPrefix} ${text}${choices}`);
  }

  view() {
    const sentences = repeat(this.said, ({ key }) => key, ({ text }) => html`<p>${text}</p>`);
    return html`<div class="sr" aria-live="polite" aria-atomic="false">${sentences}</div>`;
  }

  private show(said: typeof this.said): void {
    this.said = said;
    this.host.requestUpdate();
  }
}
