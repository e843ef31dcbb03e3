import type { Message, Outgoing, Reply, Session } from "./types.js";

const TIMEOUT = 30_000; // milliseconds
const REOPEN_EVENTS = 5_000; // milliseconds

/** The network failed (status 0) or the server refused; `message` is the server's own sentence. */
export class TransportError extends Error {
  constructor(
    readonly status = 0,
    readonly key = "network",
    message = "",
    /** Milliseconds to wait before trying again. */
    readonly retryAfter = 0,
  ) {
    super(message);
  }
}

export interface EventHandlers {
  message(message: Message): void;
  lost(): void;
  /** The server answered without a stream: the session may have ended. */
  refused(): void;
  restored(): void;
}

/** Speaks the HTTP contract of /chat; knows nothing of the DOM. */
export class Transport {
  private events?: EventSource;
  private reopening?: ReturnType<typeof setTimeout>;

  constructor(
    private readonly base: string,
    private readonly page: string,
    private readonly structure?: string,
  ) {}

  /**
   * Open the session; `leave` replaces an expired one by a new anonymous one, `from` is the first message's position.
   * A chat that isn't `shown` yet may begin anew.
   */
  session(leave = false, from?: number, shown = false): Promise<Session> {
    const query = new URLSearchParams({ page: this.page });
    if (this.structure) query.set("structure", this.structure);
    if (shown) query.set("shown", "");
    if (from !== undefined) query.set("from", String(from));
    if (leave) query.set("expired", "leave");
    return this.request<Session>(`/chat/session?${query}`);
  }

  send(outgoing: Outgoing): Promise<Reply> {
    return this.request<Reply>("/chat/messages", outgoing);
  }

  forget(): Promise<Session> {
    return this.request<Session>("/chat/forget", {});
  }

  listen(handlers: EventHandlers): void {
    this.stop();
    this.open(handlers, false);
  }

  stop(): void {
    clearTimeout(this.reopening);
    this.events?.close();
    this.events = undefined;
  }

  private open(handlers: EventHandlers, wasLost: boolean): void {
    const events = new EventSource(`${this.base}/chat/events`);
    let lost = wasLost;
    this.events = events;
    events.addEventListener("message", (event) => handlers.message(JSON.parse(event.data) as Message));
    events.addEventListener("open", () => {
      if (lost) handlers.restored();
      lost = false;
    });
    events.addEventListener("error", () => {
      if (!lost) handlers.lost();
      lost = true;
      // After an HTTP error EventSource gives up for good, so a new one takes its place.
      if (events.readyState === events.CLOSED && this.events === events) {
        this.reopening = setTimeout(() => this.open(handlers, true), REOPEN_EVENTS);
        handlers.refused();
      }
    });
  }

  private async request<T>(path: string, body?: object): Promise<T> {
    const aborter = new AbortController();
    // Safari before 16 lacks AbortSignal.timeout.
    const timer = setTimeout(() => aborter.abort(), TIMEOUT);
    const response = await this.fetch(path, aborter.signal, body);
    const data: unknown = await response.json().catch(() => undefined);
    clearTimeout(timer);
    if (!response.ok) throw refusal(response, data);
    // A captive portal answers 200 with its own page: that counts as no connection.
    if (!data) throw new TransportError();
    return data as T;
  }

  private async fetch(path: string, signal: AbortSignal, body?: object): Promise<Response> {
    const post = body && {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
    };
    const options: RequestInit = { ...post, credentials: "same-origin", cache: "no-store", signal };
    try {
      return await fetch(this.base + path, options);
    } catch {
      throw new TransportError();
    }
  }
}

function refusal(response: Response, data: unknown): TransportError {
  const { error = "unknown", message = "" } = (data ?? {}) as { error?: string; message?: string };
  return new TransportError(response.status, error, message, retryAfter(response.headers.get("Retry-After")));
}

/** Read Retry-After, seconds or an HTTP date, as milliseconds. Source: RFC 9110, 10.2.3. */
function retryAfter(header: string | null): number {
  if (!header) return 0;
  const seconds = Number(header);
  const wait = Number.isNaN(seconds) ? Date.parse(header) - Date.now() : seconds * 1000;
  return Math.max(0, wait || 0);
}
