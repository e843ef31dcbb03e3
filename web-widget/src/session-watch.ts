/** Watch over the citizen's session, with a warning before it ends. */

import { otherTabs } from "./tabs.js";

export interface SessionEnd {
  state: "open" | "expired" | "none";
  seconds_left: number;
  prolongable: boolean;
}

/** The view of the watch: the page's dialog, or the notice in the chat. */
export interface SessionView {
  warn(end: SessionEnd, millisecondsLeft: number): void;
  tick(millisecondsLeft: number): void;
  ended(state: "expired" | "none"): void;
  failed(): void;
  hide(): void;
  onProlong: () => void;
}

const URL = "/sessione";
const CHANNEL = "intercup-session";
const SECOND = 1000; // milliseconds
export const WARN_BEFORE = 180; // seconds
const TICK = 10 * SECOND;
const RETRY = 60 * SECOND;

/**
 * Asks the server when the page opens, then only when something may have changed: at the time of the warning,
 * at the end, when the tab is visible again, and at a message from another tab.
 */
export class SessionWatch {
  private timer?: ReturnType<typeof setTimeout>;
  private stopped = false;
  private readonly others = otherTabs(CHANNEL);

  constructor(
    private readonly view: SessionView,
    private readonly base = "",
  ) {
    view.onProlong = () => void this.prolong();
  }

  start(): void {
    document.addEventListener("visibilitychange", this.lookedAt);
    window.addEventListener("pageshow", this.shownAgain);
    this.others?.addEventListener("message", this.look);
    // Opening a page uses the session, so a warning in another tab is outdated.
    this.others?.postMessage("used");
    void this.check();
  }

  stop(): void {
    this.stopped = true;
    clearTimeout(this.timer);
    document.removeEventListener("visibilitychange", this.lookedAt);
    window.removeEventListener("pageshow", this.shownAgain);
    this.others?.close();
  }

  async check(): Promise<void> {
    clearTimeout(this.timer);
    const end = await this.ask("GET");
    if (this.stopped) return;
    if (end) this.apply(end);
    else this.timer = setTimeout(this.look, RETRY);
  }

  async prolong(): Promise<void> {
    const end = await this.ask("POST");
    if (this.stopped) return;
    if (!end) return this.view.failed();
    this.others?.postMessage("prolonged");
    this.apply(end);
  }

  private apply(end: SessionEnd): void {
    clearTimeout(this.timer);
    if (end.state !== "open") return this.view.ended(end.state);
    const untilWarning = end.seconds_left - WARN_BEFORE;
    if (untilWarning > 0) {
      this.view.hide();
      this.timer = setTimeout(this.look, untilWarning * SECOND);
    } else {
      this.countDown(end, Date.now() + end.seconds_left * SECOND);
    }
  }

  private countDown(end: SessionEnd, deadline: number): void {
    this.view.warn(end, deadline - Date.now());
    const tick = (): void => {
      const left = deadline - Date.now();
      // One more second, so that the session has ended on the server too.
      if (left < -SECOND) return void this.check();
      this.view.tick(left);
      this.timer = setTimeout(tick, Math.min(TICK, left + 2 * SECOND));
    };
    tick();
  }

  private readonly look = (): void => void this.check();

  private readonly lookedAt = (): void => {
    if (!document.hidden) this.look();
  };

  private readonly shownAgain = (event: PageTransitionEvent): void => {
    if (event.persisted) this.look();
  };

  /** Ask for the session's end (GET), or postpone it (POST); undefined without an answer. */
  private async ask(method: "GET" | "POST"): Promise<SessionEnd | undefined> {
    const post = method === "POST" ? { headers: { "Content-Type": "application/json" }, body: "{}" } : undefined;
    try {
      const response = await fetch(this.base + URL, { method, credentials: "same-origin", cache: "no-store", ...post });
      if (response.status === 401) return { state: "expired", seconds_left: 0, prolongable: false };
      return response.ok ? ((await response.json()) as SessionEnd) : undefined;
    } catch {
      return undefined;
    }
  }
}
