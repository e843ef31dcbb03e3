import { html, type LitElement, nothing, type PropertyValues } from "lit";
import { property, query, state } from "lit/decorators.js";
import { repeat } from "lit/directives/repeat.js";

import { Announcer } from "./announcer.js";
import type { IntercupComposer } from "./composer.js";
import type { Conversation, Entry } from "./conversation.js";
import { downIcon } from "./icons.js";
import { ScrollKeeper } from "./scroll-keeper.js";
import { base, buttons } from "./styles/base.js";
import { chatStyle } from "./styles/chat.js";
import { fill, texts } from "./texts.js";
import { activeInput, answerTo, firstAnswer, shownMessages } from "./turns.js";
import type { Answer, Message } from "./types.js";
import { messageView } from "./views/message.js";
import { endingSentence, noticeView, typingView } from "./views/notice.js";
import { WidgetElement } from "./widget-element.js";

const TYPING_AFTER = 500; // milliseconds

/**
 * The transcript, the live region that announces it, and the composer.
 *
 * @event engage - The citizen has answered.
 */
export class IntercupChat extends WidgetElement {
  static override styles = [base, buttons, chatStyle];

  @property({ attribute: false }) conversation!: Conversation;
  @property() draft = "";

  @state() private typing = false;
  @state() private unseen = false;

  @query("section") private scroller!: HTMLElement;
  @query("intercup-composer") private composer!: IntercupComposer | null;

  private readonly announcer = new Announcer(this);
  private readonly keeper = new ScrollKeeper(this, () => this.scroller);
  private typingTimer?: ReturnType<typeof setTimeout>;
  private drawn = new Set<string>();
  private lastNotice?: unknown;
  private warned = false;
  private advancing = false;
  private writing = false;

  override connectedCallback(): void {
    super.connectedCallback();
    this.conversation.addEventListener("change", this.changed);
    this.conversation.addEventListener("arrived", this.arrived);
    this.conversation.addEventListener("returned", this.returned);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.conversation.removeEventListener("change", this.changed);
    this.conversation.removeEventListener("arrived", this.arrived);
    this.conversation.removeEventListener("returned", this.returned);
    clearTimeout(this.typingTimer);
  }

  override focus(): void {
    if (this.touch) this.scroller?.focus();
    else (this.composer ?? this.nextControl())?.focus();
  }

  /** Scroll to the end when the panel is shown: a hidden transcript loses its place. */
  reveal(): void {
    this.keeper.toEnd(this.firstAnswer);
  }

  protected override firstUpdated(): void {
    this.keeper.observe();
  }

  protected override updated(changed: PropertyValues): void {
    const fresh = this.entries.filter(({ id }) => !this.drawn.has(id));
    const first = this.drawn.size === 0;
    const earlier = !first && fresh[0] === this.entries[0];
    this.drawn = new Set(this.entries.map(({ id }) => id));
    // The event stream may bring the answer before the typing ends.
    if (changed.has("typing") && this.keeper.following) this.keeper.toEnd(this.firstAnswer);
    if (!fresh.length || earlier) return;
    const written = fresh.some(({ state }) => state);
    if (written) this.keeper.toEnd();
    else if (first || this.keeper.following) this.keeper.toEnd(this.firstAnswer);
    this.unseen = !first && !written;
  }

  protected override render() {
    const { citizen, earlier, ready, expired, notice } = this.conversation;
    const { entries } = this;
    const actions = { answer: this.answer, retry: this.retry };
    return html`
      <section tabindex="0" aria-label=${texts.transcript} @scroll=${this.scrolled} @say=${this.heard}>
        ${citizen ? html`<p class="aside">${fill(texts.signedIn, citizen)}</p>` : nothing}
        ${ready || notice ? nothing : html`<p class="aside">${texts.loading}</p>`}
        ${earlier === undefined ? nothing : html`<p class="aside"><button class="plain" type="button" @click=${this.showEarlier}>${texts.earlier}</button></p>`}
        <div role="log" aria-live="off">
          ${repeat(entries, ({ id }) => id, (_, index) => messageView(entries, index, actions))}
        </div>
        ${this.typing ? typingView() : nothing}
      </section>
      <div class="foot ${this.keeper.below ? "more" : ""}">
        ${this.unseen && this.keeper.newestBelow
          ? html`<button class="button newer" type="button" @click=${this.showNewest}>${downIcon}${texts.newMessages}</button>`
          : nothing}
        ${noticeView(this.conversation, { reconnect: this.reconnect, withoutLogin: this.withoutLogin })}
        ${expired && !ready
          ? nothing // The draft from before the end is still stored: a composer would overwrite it.
          : this.composerView()}
      </div>
      ${this.announcer.view()}
    `;
  }

  /** The one field of this step: a list has its own, unless a text is begun; a long text is written here. */
  private composerView() {
    const input = activeInput(this.conversation.entries)?.input;
    if (input?.type === "select" && !this.composer?.draft) return nothing;
    return html`<intercup-composer .draft=${this.draft} .input=${input?.type === "textarea" ? input : undefined}
      @answer=${this.written} @say=${this.heard}></intercup-composer>`;
  }

  private get entries(): Entry[] {
    return shownMessages(this.conversation.entries);
  }

  private readonly changed = (): void => {
    const { sending, notice, ending } = this.conversation;
    if (notice && notice !== this.lastNotice) this.announcer.say(notice.text);
    this.lastNotice = notice;
    if (ending && !this.warned) this.announcer.say(endingSentence(ending));
    this.warned = Boolean(ending);
    if (!sending) {
      clearTimeout(this.typingTimer);
      this.typingTimer = undefined;
      this.typing = false;
    } else {
      this.typingTimer ??= setTimeout(() => this.showTyping(), TYPING_AFTER);
    }
    this.requestUpdate();
    // Only when all answers are there: the event stream may deliver them earlier, one by one.
    if (this.advancing && !sending) void this.advance();
  };

  private showTyping(): void {
    this.typing = true;
    this.announcer.say(texts.typing);
  }

  private readonly arrived = (event: Event): void => {
    const messages = (event as CustomEvent<Message[]>).detail;
    for (const message of messages) this.announcer.sayMessage(message);
  };

  /** Move the focus from a pressed button to the next control, unless the citizen is already elsewhere. */
  private async advance(): Promise<void> {
    this.advancing = false;
    await this.updateComplete;
    // Who writes stays in the field, unless the next step asks with another one.
    if (this.writing && this.composer) return;
    const focused = this.shadowRoot?.activeElement;
    if (focused && focused !== this.scroller && (focused !== this.composer || this.composer.draft)) return;
    const next = this.touch ? this.firstAnswer : this.nextControl();
    await (next as Partial<LitElement> | null)?.updateComplete;
    if (next) next.focus({ preventScroll: true });
    else this.focus();
  }

  /** A new receipt, else the input to fill, else the first choice; a mail to copy is no answer. */
  private nextControl(): HTMLElement | null {
    const first = firstAnswer(this.entries);
    const message = first?.input?.type === "receipt" ? first : activeInput(this.conversation.entries);
    if (message?.input?.type === "textarea") return this.composer;
    const field = message?.input?.type !== "mail" && this.node(message?.id)?.querySelector<HTMLElement>(".input > *");
    return field || this.renderRoot.querySelector<HTMLElement>(".message:last-child > p > .button, .message:last-child > p > .call, .bot .actions button:enabled");
  }

  private readonly returned = (event: Event): void => {
    if (this.composer && !this.composer.draft) this.composer.change((event as CustomEvent<string>).detail);
  };

  private readonly answer = (id: string, answer: Answer): void => {
    const { entries } = this.conversation;
    // A second click may come before the first one has disabled the button.
    if (answerTo(entries, entries.findIndex((entry) => entry.id === id)) !== undefined) return;
    this.keeper.following = true;
    this.advancing = true;
    this.writing = false;
    this.send(answer);
    this.focus();
  };

  private readonly retry = (id: string): void => {
    this.conversation.retry(id);
    this.focus();
  };

  private written(event: CustomEvent<Answer>): void {
    this.keeper.following = true;
    this.advancing = true;
    this.writing = !this.composer?.input;
    this.send(event.detail);
  }

  private send(answer: Answer): void {
    this.conversation.send(answer);
    this.dispatchEvent(new CustomEvent("engage"));
  }

  private heard(event: CustomEvent<string>): void {
    this.announcer.say(event.detail);
  }

  private scrolled(): void {
    this.keeper.scrolled();
    if (!this.keeper.newestBelow) this.unseen = false;
  }

  private showNewest(): void {
    this.unseen = false;
    this.keeper.toEnd();
    this.focus();
  }

  /** Keep what is read in its place; the focus goes there from a button that may disappear. */
  private readonly showEarlier = async (): Promise<void> => {
    const { scroller, entries } = this;
    const fromEnd = scroller.scrollHeight - scroller.scrollTop;
    await this.conversation.showEarlier();
    await this.updateComplete;
    const added = this.entries.length - entries.length;
    if (added <= 0) return;
    this.announcer.say(fill(texts.earlierShown, added));
    scroller.scrollTop = scroller.scrollHeight - fromEnd;
    this.node(entries[0]?.id)?.focus({ preventScroll: true });
  };

  private readonly reconnect = (): void => {
    void this.conversation.resume();
    this.focus();
  };

  private readonly withoutLogin = (): void => {
    void this.conversation.leaveExpired();
    this.focus();
  };

  /** True on touch screens, where focus in a text field opens the keyboard over half of the screen. */
  private get touch(): boolean {
    return matchMedia("(pointer: coarse)").matches;
  }

  /** The first answer to the citizen's last message; later messages must not push it out of sight. */
  private get firstAnswer(): HTMLElement | null {
    const answer = firstAnswer(this.entries);
    return answer ? this.node(answer.id) : null;
  }

  private node(id = ""): HTMLElement | null {
    return this.renderRoot.querySelector<HTMLElement>(`[data-id="${CSS.escape(id)}"]`);
  }
}
