import { html, nothing, type PropertyValues } from "lit";
import { property, query, state } from "lit/decorators.js";

import type { IntercupChat } from "./chat.js";
import { Conversation } from "./conversation.js";
import { closeDialog, openModal } from "./dialog.js";
import { chatIcon } from "./icons.js";
import { LOGIN } from "./inputs/parts.js";
import { belongsToInputMethod } from "./keys.js";
import { SessionWatch } from "./session-watch.js";
import { Memory } from "./memory.js";
import { SessionNotice } from "./session-notice.js";
import { base, buttons } from "./styles/base.js";
import { panelStyle } from "./styles/panel.js";
import { type Sentences, speak, texts } from "./texts.js";
import { download, transcriptText } from "./transcript-file.js";
import { Transport } from "./transport.js";
import { brokenView, confirmView, headerView } from "./views/panel.js";
import { drawAgain, WidgetElement } from "./widget-element.js";

const PHONE = "(max-width: 991.98px)"; // below it the panel is full-screen and modal
const MARGIN = 8; // pixels around an inline panel in use
const FORM = "modulo"; // the id of the plain form, in its page
const KEYBOARD = 200; // pixels that only a phone's keyboard takes from the page
const LEAST = 400; // pixels of an inline panel that show its composer, an answer and a choice
const LEAST_WIDE = 300; // the same on a wide screen, with longer lines
const LINE = 36; // pixels above an inline panel that needs the screen: the page's line with the link to the form

/**
 * The assistant: a launcher with its panel, or the panel alone in the page.
 *
 * @event language - The chat's language, with each answer, for the loader; detail: Language.
 */
export class IntercupAssistenza extends WidgetElement {
  static override styles = [base, buttons, panelStyle];

  /** The page's kind: "home", "portal", "booking", "assistance" or "requests". */
  @property() page = "home";
  /** The id of the page's structure. */
  @property() structure?: string;
  @property({ attribute: "base-url" }) baseUrl = "";
  @property({ reflect: true }) mode: "floating" | "inline" = "floating";
  @property({ type: Boolean, reflect: true }) open = false;
  /** The widget's own, if not Italian; the loader sets those of the page's language. */
  @property({ attribute: false }) sentences?: Sentences;

  @state() private menu = false;
  @state() private confirming = false;
  @state() private unread = false;
  @state() private broken = false;

  @query("dialog") private dialog!: HTMLDialogElement | null;
  @query(".launcher") private launcher!: HTMLElement | null;
  @query("intercup-chat") private chat!: IntercupChat | null;

  private readonly memory = new Memory();
  private readonly phone = matchMedia(PHONE);
  private conversation?: Conversation;
  private watch?: SessionWatch;
  private byHand = false;
  /** The citizen has answered: an inline panel takes the screen. */
  private engaged = false;

  override connectedCallback(): void {
    const focused = Boolean(this.shadowRoot?.activeElement);
    if (this.shadowRoot && !this.hasUpdated) this.shadowRoot.textContent = ""; // the loader's launcher
    super.connectedCallback();
    // On a phone the panel would cover the page just opened, unless the chat itself led there by the login.
    if (this.memory.get("open") && (this.memory.get("login") || !this.phone.matches)) this.open = true;
    if (this.memory.get("login")) this.memory.set({ login: false });
    // Safari before 14 has no addEventListener here.
    this.phone.addListener(this.showAgain);
    document.addEventListener("visibilitychange", this.followVisibility);
    window.addEventListener("online", this.reconnect);
    window.addEventListener("offline", this.lose);
    window.visualViewport?.addEventListener("resize", this.fit);
    void this.updateComplete.then(() => {
      this.raise();
      if (focused) this.launcher?.focus();
      if (this.mode === "inline") this.settle();
    });
    this.addEventListener("broken", this.brokeDown);
    this.followVisibility();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.phone.removeListener(this.showAgain);
    document.removeEventListener("visibilitychange", this.followVisibility);
    window.removeEventListener("online", this.reconnect);
    window.removeEventListener("offline", this.lose);
    window.visualViewport?.removeEventListener("resize", this.fit);
    this.removeEventListener("broken", this.brokeDown);
    this.watch?.stop();
    this.conversation?.stop();
  }

  override focus(): void {
    this.chat?.focus();
  }

  protected override willUpdate(changed: PropertyValues): void {
    if (!this.hasUpdated || changed.has("sentences")) {
      speak(this.sentences, this.getAttribute("platform"));
      drawAgain();
    }
    if (!this.broken && (this.open || this.mode === "inline")) this.conversation ??= this.begin();
  }

  protected override updated(changed: PropertyValues): void {
    if (changed.has("open") && this.mode === "floating") this.applyOpen(changed.get("open") as boolean | undefined);
    if (changed.has("confirming") && this.confirming) this.renderRoot.querySelector<HTMLElement>(".keep")?.focus();
  }

  protected override render() {
    if (this.mode === "inline") {
      return html`<div class="inline" lang=${texts.lang} dir=${texts.dir} role="region" aria-label=${texts.title} @keydown=${this.press}>${this.panel()}</div>`;
    }
    return html`<div class="layer" popover="manual" lang=${texts.lang} dir=${texts.dir} @click=${this.leave}>
      <button class="launcher" type="button" aria-expanded=${String(this.open)} aria-controls="panel" @click=${this.toggle}>
        ${chatIcon}${texts.launcher}
        ${this.unread ? html`<span class="dot"></span><span class="sr">(${texts.unread})</span>` : nothing}
      </button>
      <dialog id="panel" aria-label=${texts.title} @keydown=${this.press} @cancel=${this.cancel}>${this.panel()}</dialog>
    </div>`;
  }

  private leave(event: Event): void {
    const isLogin = (node: EventTarget): boolean => node instanceof HTMLAnchorElement && node.pathname === LOGIN;
    if (event.composedPath().some(isLogin)) this.memory.set({ login: true });
  }

  private panel() {
    if (this.broken) return brokenView(() => this.setOpen(false));
    if (!this.conversation) return nothing;
    return html`
      ${headerView({
        menu: this.menu,
        inert: this.confirming,
        closable: this.mode === "floating",
        form: document.getElementById(FORM) ? `#${FORM}` : `${this.baseUrl}/assistenza#${FORM}`,
        toggleMenu: () => (this.menu = !this.menu),
        save: this.save,
        forget: this.askToForget,
        close: () => this.setOpen(false),
      })}
      <intercup-chat .conversation=${this.conversation} .draft=${this.draft} ?inert=${this.confirming}
        @draft=${this.keepDraft} @engage=${this.engage} @click=${this.closeMenu}></intercup-chat>
      ${this.confirming ? confirmView({ confirm: this.forget, cancel: this.stopForgetting }) : nothing}
    `;
  }

  /** The unsent text; empty until the conversation is known to be the same. */
  private get draft(): string {
    return (this.conversation?.ready && this.memory.get("draft")) || "";
  }

  private begin(): Conversation {
    const conversation = new Conversation(new Transport(this.baseUrl, this.page, this.structure), this.memory);
    conversation.addEventListener("change", () => this.requestUpdate());
    conversation.addEventListener("arrived", () => (this.unread = this.mode === "floating" && !this.open));
    conversation.addEventListener("language", ({ detail }: CustomEventInit) => this.dispatchEvent(new CustomEvent("language", { detail })));
    conversation.addEventListener("broken", (event) => this.fail((event as CustomEvent).detail));
    // Browsers allow six connections per site: a page opened in a hidden tab connects when it is shown.
    if (!document.hidden) void conversation.start();
    // This service's own pages have a warning that also saves their forms.
    if (!document.getElementById("session-dialog")) {
      this.watch = new SessionWatch(new SessionNotice(conversation), this.baseUrl);
      this.watch.start();
    }
    return conversation;
  }

  /** Show the widget in the browser's top layer, where the page can't cover, move or clip it. */
  private raise(): void {
    const layer = this.renderRoot.querySelector<HTMLElement>(".layer");
    // Browsers before 2024 lack it and get the style's highest z-index.
    if (layer?.showPopover && !layer.matches(":popover-open")) layer.showPopover();
  }

  /** Fit the panel to the visible part of the page: a phone's keyboard shrinks that alone. */
  private readonly fit = (): void => {
    const { height, offsetTop, scale } = window.visualViewport ?? { height: innerHeight, offsetTop: 0, scale: 1 };
    const zoomed = scale > 1.01; // Pinch zoom: the citizen wants a part of the panel enlarged.
    const focused = this.mode === "inline" && !zoomed && this.matches(":focus-within");
    if (focused && height < innerHeight - KEYBOARD) this.engaged = true;
    const panel = this.mode === "inline" ? this.inlineHeight(height) : height;
    this.style.setProperty("--height", zoomed ? "" : `${panel}px`);
    this.style.setProperty("--top", zoomed ? "" : `${offsetTop}px`);
    if (this.engaged && focused) this.bring("start");
  };

  /** The height that the page above leaves on the screen; the screen but a line if that is too little, the whole one in use. */
  private inlineHeight(visible: number): number {
    if (this.engaged) return visible - 2 * MARGIN;
    const left = visible - this.above - MARGIN;
    return left < (this.phone.matches ? LEAST : LEAST_WIDE) ? visible - MARGIN - LINE : left;
  }

  /** Pixels of the page above the panel. */
  private get above(): number {
    return this.getBoundingClientRect().top + scrollY;
  }

  /** Show an inline panel that begins on a phone's first screen, but doesn't fit there, beneath the page's last line above. */
  private settle(): void {
    this.fit();
    if (this.phone.matches && this.above < innerHeight && scrollY === 0 && !location.hash) this.bring("nearest");
  }

  private readonly engage = (): void => {
    if (this.mode !== "inline") return;
    this.engaged = true;
    this.fit();
    this.bring("nearest");
  };

  /** Scroll the page at once: what follows would stop a smooth scrolling half-way. */
  private bring(block: ScrollLogicalPosition): void {
    this.scrollIntoView({ block, behavior: "instant" });
  }

  readonly toggle = (): void => this.setOpen(!this.open);

  private setOpen(open: boolean): void {
    this.byHand = true;
    this.open = open;
  }

  private applyOpen(before: boolean | undefined): void {
    if (this.open) this.show();
    else if (before !== undefined) this.hide();
    if (this.open || before) this.memory.set({ open: this.open });
    this.byHand = false;
  }

  private show(): void {
    this.unread = false;
    this.raise(); // before the modal dialog, or the launcher covers it
    if (this.phone.matches) openModal(this.dialog);
    // Unlike show(), the attribute leaves the focus where it is when a page opens with the panel.
    else this.dialog?.setAttribute("open", "");
    this.chat?.reveal();
    if (this.byHand) void this.chat?.updateComplete.then(() => this.chat?.focus());
  }

  private hide(): void {
    this.menu = this.confirming = false;
    closeDialog(this.dialog);
    if (this.byHand) this.launcher?.focus();
  }

  private readonly showAgain = (): void => {
    if (!this.open || !this.dialog?.hasAttribute("open")) return;
    const focused = focusedIn(this.shadowRoot!);
    closeDialog(this.dialog);
    this.show();
    focused?.focus({ preventScroll: true });
  };

  private press(event: KeyboardEvent): void {
    if (event.key !== "Escape" || belongsToInputMethod(event)) return;
    event.preventDefault();
    this.stepBack();
  }

  private cancel(event: Event): void {
    event.preventDefault();
    this.stepBack();
  }

  /** Close the innermost open part, on Esc or a phone's back gesture. */
  private stepBack(): void {
    if (this.confirming) void this.stopForgetting();
    else if (this.menu) this.closeMenu(true);
    else if (this.mode === "floating") this.setOpen(false);
  }

  private closeMenu(focus: unknown): void {
    this.menu = false;
    if (focus === true) this.renderRoot.querySelector<HTMLElement>(".more")?.focus();
  }

  private readonly save = async (): Promise<void> => {
    this.closeMenu(true);
    if (this.conversation?.earlier !== undefined) await this.conversation.showEarlier(0);
    download(transcriptText(this.conversation?.entries ?? []), texts.fileName);
  };

  private readonly askToForget = (): void => {
    this.menu = false;
    this.confirming = true;
  };

  private readonly stopForgetting = async (): Promise<void> => {
    this.confirming = false;
    await this.updateComplete;
    this.renderRoot.querySelector<HTMLElement>(".more")?.focus();
  };

  private readonly forget = async (): Promise<void> => {
    this.confirming = false;
    await this.conversation?.forget();
    this.requestUpdate();
    await this.updateComplete;
    this.chat?.focus();
  };

  private keepDraft(event: CustomEvent<string>): void {
    this.memory.set({ draft: event.detail });
  }

  private readonly brokeDown = (event: Event): void => {
    event.stopPropagation();
    this.fail((event as CustomEvent).detail);
  };

  /** Show the plain form's link after a bug of ours: unlike after a lost connection, a retry would fail again. */
  private fail(error: unknown): void {
    console.error(error);
    this.watch?.stop();
    this.conversation?.stop();
    this.broken = true;
  }

  private readonly reconnect = (): void => void this.conversation?.resume();
  private readonly lose = (): void => this.conversation?.lose();

  /** Close the event stream of a hidden tab: browsers allow six connections per site. */
  private readonly followVisibility = (): void => {
    if (document.hidden || this.broken) this.conversation?.stop();
    else void this.conversation?.start();
  };
}

/** Find the focused element, also inside shadow roots. */
function focusedIn(root: ShadowRoot): HTMLElement | null {
  const focused = root.activeElement as HTMLElement | null;
  return (focused?.shadowRoot && focusedIn(focused.shadowRoot)) ?? focused;
}
