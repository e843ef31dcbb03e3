import type { Memory, Unsent } from "./memory.js";
import { texts } from "./texts.js";
import { type Transport, TransportError } from "./transport.js";
import { wasAnswered } from "./turns.js";
import type { Answer, Message, Reply, Session } from "./types.js";
import { uuid4 } from "./uuid.js";

export interface Entry extends Message {
  state?: "sending" | "unsent";
  /** The server asked to wait before sending it again. */
  waiting?: boolean;
}

export interface Notice {
  tone: "error" | "success";
  text: string;
}

const START_AGAIN = 5_000; // milliseconds
const GOOD_NEWS = 4_000; // milliseconds

/**
 * The state of the conversation and what may be done with it; no DOM.
 *
 * @event change - Something to show has changed.
 * @event arrived - Bot messages to announce have come; detail: the messages.
 * @event returned - The server refused a text; detail: the text, to correct it.
 */
export class Conversation extends EventTarget {
  entries: Entry[] = [];
  citizen?: string;
  notice?: Notice;
  connected = true;
  /** The citizen's session has ended: nothing goes on before the next login. */
  expired = false;
  ready = false;

  private queue: Promise<void> = Promise.resolve();
  private starting?: ReturnType<typeof setTimeout>;

  constructor(
    private readonly transport: Transport,
    private readonly memory: Memory,
  ) {
    super();
  }

  get sending(): boolean {
    return this.entries.some(({ state }) => state === "sending");
  }

  /** Load the history, then follow the events; tries again by itself while there is no connection. */
  async start(): Promise<void> {
    clearTimeout(this.starting);
    if (!(await this.reload())) {
      if (this.expired) return this.stop();
      this.starting = setTimeout(() => void this.start(), START_AGAIN);
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
    clearTimeout(this.starting);
    this.transport.stop();
  }

  /** The connection is back: catch up with what was missed and send what was kept. */
  async resume(): Promise<void> {
    if (!this.ready || this.expired) return this.start();
    if (await this.reload()) this.sendKept();
  }

  /** Go on as nobody, after the end of a session; what was said there is left behind. */
  async leaveExpired(): Promise<void> {
    if (await this.reload(true)) await this.start();
  }

  send({ text, payload }: Answer): void {
    const message: Unsent = { id: uuid4(), text, payload, time: new Date().toISOString() };
    this.memory.keep(message);
    this.entries = [...this.entries, shown(message, "sending")];
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
    } catch (error) {
      this.explain(error as TransportError);
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
    const { text, payload } = message;
    try {
      this.accept(message, await this.transport.send(payload === undefined ? { id, text } : { id, payload }));
    } catch (error) {
      await this.refuse(message, error as TransportError);
    }
  }

  private accept(message: Unsent, { messages, retry }: Reply): void {
    this.connected = true;
    this.notice = messages.length ? undefined : { tone: "error", text: texts.noAnswer };
    if (retry) this.memory.keep({ ...message, refused: true });
    else this.memory.drop(message.id);
    this.update(message.id, { state: retry ? "unsent" : undefined });
    this.merge(messages);
  }

  private async refuse(message: Unsent, error: TransportError): Promise<void> {
    const { id, text, payload } = message;
    this.update(id, { state: "unsent" });
    this.explain(error);
    if (error.status === 409 || error.status === 413 || error.status === 422) {
      this.memory.drop(id);
      this.entries = this.entries.filter((entry) => entry.id !== id);
      if (error.status !== 409 && payload === undefined) this.emit("returned", text);
    } else if (error.status) {
      this.memory.keep({ ...message, refused: true });
    }
    if ([401, 403, 409].includes(error.status)) await this.reload();
    if (error.retryAfter) this.waitToRetry(id, error.retryAfter);
    this.emit("change");
  }

  private waitToRetry(id: string, milliseconds: number): void {
    this.update(id, { waiting: true });
    setTimeout(() => this.update(id, { waiting: false }), milliseconds);
  }

  /** Tell whether the history could be read. */
  private async reload(leave = false): Promise<boolean> {
    try {
      this.adopt(await this.transport.session(leave));
      return true;
    } catch (error) {
      const refusal = error as TransportError;
      if (refusal.status === 401) this.expire();
      else this.explain(refusal);
      return false;
    }
  }

  private adopt({ citizen, conversation, messages }: Session): void {
    const known = this.memory.belongsTo(conversation);
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
    // A restored history is not read out; the greeting of a new conversation is.
    if (!first || !known) this.announce(messages.filter(({ id }) => !before.has(id)));
    this.emit("change");
  }

  private withUnsent(history: Message[]): Entry[] {
    const kept = new Map(this.memory.unsent.map((message) => [message.id, message]));
    const stateOf = (id: string) => this.find(id)?.state ?? "unsent";
    const entries: Entry[] = history.map((message) =>
      kept.delete(message.id) ? { ...message, state: stateOf(message.id) } : message,
    );
    return [...entries, ...Array.from(kept.values(), (message) => shown(message, stateOf(message.id)))];
  }

  private sendKept(): void {
    for (const { id, refused } of this.memory.unsent) if (!refused) this.retry(id);
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

  private explain({ status, message }: TransportError): void {
    if (status) this.tell({ tone: "error", text: message || texts.failure });
    else this.lose();
  }

  private expire(): void {
    this.expired = true;
    this.connected = true;
    this.stop();
    this.tell({ tone: "error", text: texts.expired });
  }

  private lose(): void {
    this.connected = false;
    this.tell({ tone: "error", text: texts.offline });
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

function shown({ id, text, time }: Unsent, state: Entry["state"]): Entry {
  return { id, from: "citizen", text, time, state };
}
