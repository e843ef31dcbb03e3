import { closeDialog, openModal } from "../src/dialog.js";
import type { SessionEnd, SessionView } from "../src/session-watch.js";

type Part = "ending" | "last" | "expired" | "none";

const MINUTE = 60_000; // milliseconds

/** The dialog that the server renders in the page, texts included; see session_dialog.html. */
export class SessionDialog implements SessionView {
  onProlong = (): void => undefined;

  private shown?: Part;
  private over = false;
  private dismissed = new Set<Part>();

  constructor(private readonly dialog: HTMLDialogElement) {
    dialog.addEventListener("cancel", (event) => this.cancel(event));
    dialog.addEventListener("click", (event) => this.click(event));
    document.addEventListener("click", (event) => this.leaveWithForm(event));
  }

  warn({ prolongable }: SessionEnd, left: number): void {
    this.tick(left);
    this.show(prolongable ? "ending" : "last");
  }

  tick(left: number): void {
    const minutes = Math.max(1, Math.ceil(left / MINUTE));
    for (const place of this.dialog.querySelectorAll<HTMLElement>("[data-left]")) {
      const [one = "", many = ""] = (place.dataset["left"] ?? "").split("|");
      const text = minutes === 1 ? one : many.replace("{count}", String(minutes));
      // Setting the same text again would read it out again.
      if (place.textContent !== text) place.textContent = text;
    }
  }

  ended(state: "expired" | "none"): void {
    this.over = true;
    const hasForm = document.getElementById("request-form") !== null;
    for (const part of this.dialog.querySelectorAll<HTMLElement>("[data-log-in]")) {
      part.hidden = (part.dataset["logIn"] === "form") !== hasForm;
    }
    this.show(state);
  }

  failed(): void {
    this.error(true);
  }

  /** Close the warning: the session goes on. */
  hide(): void {
    this.over = false;
    this.dismissed.clear();
    this.notice(false);
    this.close();
  }

  private show(part: Part): void {
    if (this.shown === part || this.dismissed.has(part)) return;
    // Closed first, so that the new words are read out and the focus comes to the new buttons.
    this.close();
    for (const each of this.dialog.querySelectorAll<HTMLElement>("[data-part]")) {
      each.hidden = each.dataset["part"] !== part;
    }
    this.dialog.setAttribute("aria-labelledby", `session-${part}`);
    this.dialog.setAttribute("aria-describedby", `session-${part}-text`);
    this.error(false);
    this.shown = part;
    openModal(this.dialog);
    this.dialog.querySelector<HTMLElement>(`[data-part="${part}"] .btn-primary:not([hidden])`)?.focus();
  }

  private close(): void {
    this.shown = undefined;
    if (this.dialog.hasAttribute("open")) closeDialog(this.dialog);
  }

  private cancel(event: Event): void {
    event.preventDefault();
    this.stay();
  }

  private click(event: Event): void {
    const action = (event.target as Element).closest<HTMLElement>("[data-action]")?.dataset["action"];
    if (action) this.stay();
  }

  /** Submit the form instead of following a login link, the assistant's too, so that nothing typed is lost. */
  private leaveWithForm(event: Event): void {
    const button = this.dialog.querySelector<HTMLButtonElement>("button[data-log-in]");
    const link = event.composedPath().find((target) => target instanceof HTMLAnchorElement);
    if (!this.over || !button?.form || link?.pathname !== "/accedi") return;
    event.preventDefault();
    button.click();
  }

  /** Prolong the session if possible: Esc or a button shows that somebody is there. */
  private stay(): void {
    if (this.shown === "ending") return this.onProlong();
    if (this.shown) this.dismissed.add(this.shown);
    if (this.shown === "expired" || this.shown === "none") this.notice(true);
    this.close();
  }

  private notice(visible: boolean): void {
    const notice = document.getElementById("session-notice");
    if (notice) notice.hidden = !visible;
  }

  private error(visible: boolean): void {
    const error = this.dialog.querySelector<HTMLElement>("[data-failed]");
    if (error) error.hidden = !visible;
  }
}
