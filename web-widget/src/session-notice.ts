import type { SessionEnd, SessionView } from "./session-watch.js";
import type { Conversation } from "./conversation.js";

const MINUTE = 60_000; // milliseconds

/** The warning in the chat before the session ends, for pages without one of their own. */
export class SessionNotice implements SessionView {
  onProlong = (): void => undefined;

  private prolongable = false;

  constructor(private readonly conversation: Conversation) {}

  warn({ prolongable }: SessionEnd, left: number): void {
    this.prolongable = prolongable;
    this.tick(left);
  }

  tick(left: number): void {
    const minutes = Math.max(1, Math.ceil(left / MINUTE));
    this.conversation.warn({ minutes, prolong: this.prolongable ? () => this.onProlong() : undefined });
  }

  ended(state: "expired" | "none"): void {
    this.hide();
    // "none": there was no login, so there is nothing to end.
    if (state === "expired") void this.conversation.resume();
  }

  failed(): void {
    this.conversation.lose();
  }

  hide(): void {
    this.conversation.warn();
  }
}
