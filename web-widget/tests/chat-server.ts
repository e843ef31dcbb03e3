import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

import type { SessionEnd } from "../src/session-watch.js";
import type { Message, Session } from "../src/types.js";

export interface Received {
  path: string;
  body?: Record<string, unknown>;
}

const EXPIRED = { error: "not_authenticated", message: "La sessione è scaduta." };

type Respond = (request: Received, response: ServerResponse) => void;

/** A real HTTP server on loopback whose answers the test decides. */
export class ChatServer {
  received: Received[] = [];
  session: Session = { authenticated: true, citizen: { name: "Maria Rossi" }, conversation: "c1", messages: [] };
  respond: Respond = (_, response) => reply(response, { messages: [] });

  /** The citizen's session has ended on the server. */
  expired = false;

  /** The answer of /sessione. */
  end: SessionEnd = { state: "none", seconds_left: 0, prolongable: false };

  private streams = new Set<ServerResponse>();
  private server: Server = createServer((request, response) => void this.handle(request, response));

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(0, "127.0.0.1", resolve));
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  get sent(): Record<string, unknown>[] {
    return this.received.filter(({ path }) => path === "/chat/messages").map(({ body }) => body!);
  }

  push(message: Message): void {
    for (const stream of this.streams) stream.write(`id: ${message.id}\nevent: message\ndata: ${JSON.stringify(message)}\n\n`);
  }

  dropStreams(): void {
    for (const stream of this.streams) stream.destroy();
    this.streams.clear();
  }

  get listeners(): number {
    return this.streams.size;
  }

  private async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let text = "";
    for await (const chunk of request) text += chunk;
    // The test's page has another origin than the server.
    response.setHeader("Access-Control-Allow-Origin", "*");
    response.setHeader("Access-Control-Allow-Headers", "*");
    if (request.method === "OPTIONS") return void response.end();
    const received = { path: request.url!, body: text.startsWith("{") ? JSON.parse(text) : undefined };
    this.received.push(received);
    if (this.expired && !received.path.includes("expired=leave")) return reply(response, EXPIRED, 401);
    this.expired = false;
    if (received.path === "/sessione") reply(response, this.end);
    else if (received.path.startsWith("/chat/session") || received.path === "/chat/forget") reply(response, this.session);
    else if (received.path === "/chat/events") this.stream(response);
    else this.respond(received, response);
  }

  private stream(response: ServerResponse): void {
    response.writeHead(200, { "Content-Type": "text/event-stream" });
    response.write(": open\n\n");
    this.streams.add(response);
  }
}

export function reply(response: ServerResponse, data: unknown, status = 200, headers: Record<string, string> = {}): void {
  response.writeHead(status, { "Content-Type": "application/json", ...headers });
  response.end(JSON.stringify(data));
}

export function bot(id: string, extra: Partial<Message> = {}): Message {
  return { id, from: "bot", text: `testo ${id}`, buttons: [], links: [], time: "2026-01-15T09:30:00Z", ...extra };
}

export function citizen(id: string, text: string): Message {
  return { id, from: "citizen", text, time: "2026-01-15T09:31:00Z" };
}
