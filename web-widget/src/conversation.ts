import { Attempts } from "./attempts.js";
import type { Memory, Unsent } from "./memory.js";
import { otherTabs } from "./tabs.js";
import { texts } from "./texts.js";
import { type Transport, TransportError } from "./transport.js";
import { wasAnswered } from "./turns.js";
import type { Answer, Message, Reply, Session } from "./types.js";
import { uuid4 } from "./uuid.js";

export interface Entry extends Message {
  state?: "sending" | "unsent";
  /** Another automatic attempt is scheduled. */
  again?: boolean;
  /** The server asked for a pause before the next attempt. */
  waiting?: boolean;
}

export interface Notice {
  tone: "error" | "success";
  text: string;
}

/** The coming end of the session; `prolong` is missing if it can't be postponed. */
export interface Ending {
  minutes: number;
  prolong?: () => void;
}

const START_AGAIN = 5_000; // milliseconds
const GOOD_NEWS = 4_000; // milliseconds

/**
 * The state of the conversation and its operations; no DOM.
 *
 * @event change - The visible state has changed.
 * @event arrived - Bot messages to announce; detail: the messages.
 * @event language - The chat's language, with each answer; detail: Language.
 * @event broken - A bug in the widget: the conversation can't go on; detail: the error.
 * @event returned - The server refused a text, or asks for more; detail: the text, to correct it.
 */
export class Conversation extends EventTarget {
  entries: Entry[] = [];
  citizen?: string;
  notice?: Notice;
  ending?: Ending;
  connected = true;
  /** The citizen's session has ended; the conversation waits for the next login. */
  expired = false;
  ready = false;
  /** The position of messages that aren't shown yet. */
  earlier?: number;

  private queue: Promise<void> = Promise.resolve();
  private readonly attempts = new Attempts();
  /** The position of the first message shown, once earlier ones were asked for. */
  private from?: number;
  /** False while no widget shows the conversation; a start still loading then stops. */
  private wanted = false;

  /** Tells the other tabs that the conversation has been forgotten. */
  private readonly tabs = otherTabs("intercup-assistenza");

  constructor(
    private readonly transport: Transport,
    private readonly memory: Memory,
  ) {
    super();
    this.tabs?.addEventListener("message", () => void this.resume());
  }

  get sending(): boolean {
    return this.entries.some(({ state }) => state === "sending");
  }

  /** Load the history, then listen for events; retries while there is no connection. */
  async start(): Promise<void> {
    this.halt();
    this.wanted = true;
    const loaded = await this.reload();
    if (!this.wanted) return;
    if (!loaded) {
      if (!this.expired) this.attempts.later(START_AGAIN, () => void this.start());
      return;
    }
    this.transport.listen({
      message: (message) => this.merge([message]),
      lost: () => this.lose(),
      refused: () => void this.reload(),
      restored: () => void this.resume(),
    });
    this.sendKept();
  }

  stop(): void {
    this.wanted = false;
    this.halt();
  }

  /** Catch up with missed messages and send the unsent ones when the connection is back. */
  async resume(): Promise<void> {
    // A hidden page starts again when it is shown.
    if (!this.wanted) return;
    if (!this.ready || this.expired) return this.start();
    if (await this.reload()) this.sendKept();
  }

  /** Continue anonymously after the end of a session, with a new conversation. */
  async leaveExpired(): Promise<void> {
    if ((await this.reload(true)) && this.wanted) await this.start();
  }

  /** Show some earlier messages too, or all of them. */
  async showEarlier(from = this.earlier): Promise<void> {
    this.from = from;
    await this.reload();
  }

  /** Note that the connection is lost; unsent messages wait for it. */
  lose(): void {
    this.connected = false;
    this.tell({ tone: "error", text: texts.offline });
  }

  /** Show the warning that the session is about to end; without argument take it back. */
  warn(ending?: Ending): void {
    this.ending = ending;
    this.emit("change");
  }

  send(answer: Answer): void {
    const message: Unsent = { ...answer, id: uuid4(), time: new Date().toISOString() };
    // Earlier unsent messages go first, so that the server gets all in order.
    this.sendKept();
    this.memory.keep(message);
    this.entries = [...this.entries, { ...shown(message), state: "sending" }];
    this.enqueue(message.id);
  }

  retry(id: string): void {
    if (this.find(id)?.state === "unsent") this.enqueue(id);
  }

  async forget(): Promise<void> {
    try {
      const session = await this.transport.forget();
      this.memory.set({ draft: "", unsent: [] });
      this.entries = [];
      this.adopt(session);
      this.tell({ tone: "success", text: texts.forgotten });
      this.tabs?.postMessage("forgotten");
    } catch (error) {
      this.explain(error);
    }
  }

  private enqueue(id: string): void {
    this.update(id, { state: "sending" });
    // One at a time, so that the answers come in the order of the questions.
    this.queue = this.queue.then(() => this.deliver(id));
  }

  private async deliver(id: string): Promise<void> {
    const message = this.memory.unsent.find((unsent) => unsent.id === id);
    if (!message) return;
    const { text, payload, page_facts } = message;
    try {
      this.accept(message, await this.transport.send({ id, page_facts, ...(payload === undefined ? { text } : { payload }) }));
    } catch (error) {
      await this.refuse(message, error);
    }
  }

  private accept(message: Unsent, { messages, retry, language }: Reply): void {
    this.emit("language", language);
    this.connected = true;
    this.notice = messages.length ? undefined : { tone: "error", text: texts.noAnswer };
    if (retry) return this.postpone(message, messages);
    this.memory.drop(message.id);
    this.attempts.succeeded(message.id);
    this.update(message.id, { state: undefined });
    this.merge(messages);
    if (messages.some(({ input }) => input?.again)) this.emit("returned", message.text);
  }

  /** Keep a message that the server can't answer now: show the reason once, then retry. */
  private postpone(message: Unsent, reasons: Message[]): void {
    this.memory.keep({ ...message, refused: true });
    this.update(message.id, { state: "unsent" });
    if (!wasAnswered(this.entries, message.id)) this.merge(reasons);
    this.tryAgain(message.id);
  }

  /** Schedule another attempt after a growing pause, at least `wait` milliseconds (Retry-After). */
  private tryAgain(id: string, wait = 0): void {
    const pause = this.attempts.failed(id);
    this.update(id, { again: pause !== undefined, waiting: wait > 0 });
    if (wait) this.attempts.later(wait, () => this.update(id, { waiting: false }));
    if (pause) this.attempts.later(Math.max(pause, wait), () => this.retry(id));
  }

  private async refuse(message: Unsent, error: unknown): Promise<void> {
    const { id, text, payload } = message;
    this.update(id, { state: "unsent" });
    this.explain(error);
    if (!(error instanceof TransportError)) return;
    if (error.status === 409 || error.status === 413 || error.status === 422) {
      this.memory.drop(id);
      this.entries = this.entries.filter((entry) => entry.id !== id);
      if (error.status !== 409 && payload === undefined) this.emit("returned", text);
    } else if (error.status) {
      this.memory.keep({ ...message, refused: true });
    }
    if ([401, 403, 409].includes(error.status)) await this.reload();
    if (!error.status || error.status === 429 || error.status >= 500) this.tryAgain(id, error.retryAfter);
    this.emit("change");
  }

  /** Return true if the history could be read. */
  private async reload(leave = false): Promise<boolean> {
    try {
      this.adopt(await this.transport.session(leave, this.from, this.ready));
      return true;
    } catch (error) {
      if (error instanceof TransportError && error.status === 401) this.expire();
      else this.explain(error);
      return false;
    }
  }

  private adopt({ citizen, conversation, messages, earlier, language }: Session): void {
    this.emit("language", language);
    const known = this.memory.belongsTo(conversation);
    if (!known) this.from = undefined;
    this.earlier = earlier;
    const before = new Set(this.entries.map(({ id }) => id));
    const first = !this.ready;
    for (const { id, refused } of this.memory.unsent) {
      const inFlight = this.find(id)?.state === "sending";
      if (!refused && !inFlight && wasAnswered(messages, id)) this.memory.drop(id);
    }
    this.entries = this.withUnsent(messages);
    this.citizen = citizen?.name;
    this.ready = true;
    if (this.expired) this.notice = undefined;
    this.expired = false;
    this.recover();
    // A history is not read out, not even in a new tab; the greeting of a new conversation is.
    const begins = !known && messages.every(({ from }) => from === "bot");
    // Earlier messages come before the known ones.
    const fresh = messages.slice(messages.findIndex(({ id }) => before.has(id)) + 1).filter(({ id }) => !before.has(id));
    if (!first || begins) this.announce(fresh);
    this.emit("change");
  }

  private withUnsent(history: Message[]): Entry[] {
    const kept = new Map(this.memory.unsent.map((message) => [message.id, message]));
    const stateOf = (id: string): Partial<Entry> => {
      const { state = "unsent", again, waiting } = this.find(id) ?? {};
      return { state, again, waiting };
    };
    const entries = history.map((message) => (kept.delete(message.id) ? { ...message, ...stateOf(message.id) } : message));
    return [...entries, ...Array.from(kept.values(), (message) => ({ ...shown(message), ...stateOf(message.id) }))];
  }

  private sendKept(): void {
    for (const { id } of this.memory.unsent) this.retry(id);
  }

  private merge(messages: Message[]): void {
    const fresh = messages.filter(({ id }) => !this.find(id));
    this.entries = [...this.entries, ...fresh];
    this.announce(fresh);
    this.emit("change");
  }

  private announce(messages: Message[]): void {
    const said = messages.filter(({ from }) => from === "bot");
    if (said.length) this.emit("arrived", said);
  }

  private explain(error: unknown): void {
    if (!(error instanceof TransportError)) return this.emit("broken", error);
    const { status, message } = error;
    if (status) this.tell({ tone: "error", text: message || texts.failure });
    else this.lose();
  }

  private expire(): void {
    this.expired = true;
    this.connected = true;
    this.halt();
    this.tell({ tone: "error", text: texts.expired });
  }

  private halt(): void {
    this.attempts.stop();
    this.transport.stop();
  }

  private recover(): void {
    if (this.connected) return;
    this.connected = true;
    const news: Notice = { tone: "success", text: texts.online };
    this.tell(news);
    setTimeout(() => this.notice === news && this.tell(undefined), GOOD_NEWS);
  }

  private tell(notice: Notice | undefined): void {
    this.notice = notice;
    this.emit("change");
  }

  private find(id: string): Entry | undefined {
    return this.entries.find((entry) => entry.id === id);
  }

  private update(id: string, change: Partial<Entry>): void {
    this.entries = this.entries.map((entry) => (entry.id === id ? { ...entry, ...change } : entry));
    this.emit("change");
  }

  private emit(type: string, detail?: unknown): void {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}

function shown({ id, text, time }: Unsent): Entry {
  return { id, from: "citizen", text, time };
}
