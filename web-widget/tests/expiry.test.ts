import { afterEach, beforeEach, expect, test, vi } from "vitest";

import type { IntercupAssistenza } from "../src/element.js";
import { texts } from "../src/texts.js";
import { bot, ChatServer, citizen } from "./chat-server.js";
import { FetchEventSource } from "./event-source.js";
import { addWidget, find, findAll, nameOf, press, say, write } from "./page.js";

let server: ChatServer;
let base: string;
let widget: IntercupAssistenza;

beforeEach(async () => {
  vi.stubGlobal("EventSource", FetchEventSource);
  sessionStorage.clear();
  server = new ChatServer();
  server.session.messages = [bot("m1")];
  base = await server.start();
});

afterEach(async () => {
  widget.remove();
  await server.stop();
});

async function openWidget(): Promise<void> {
  widget = await addWidget({ "base-url": base, page: "portal", open: "" });
}

const bubbles = () => findAll(widget, ".bubble").map(nameOf);
const field = () => find<HTMLTextAreaElement>(widget, "#message");

test("a message after the end of the session is kept, and the login is offered", async () => {
  await openWidget();
  await vi.waitFor(() => expect(bubbles()).toHaveLength(1));
  server.expired = true;
  await say(widget, "il mio testo");
  await find(widget, ".notice", texts.expired);
  expect((await find(widget, ".notice a", texts.logIn)).getAttribute("href")).toContain("/accedi?ritorno=");
  expect(bubbles()).toEqual(["Assistente: testo m1", "Tu: il mio testo"]);
  await find(widget, ".failed button", texts.retry);
});

test("a stream that the server refuses says that the session has ended, not the connection", async () => {
  await openWidget();
  await vi.waitFor(() => expect(server.listeners).toBe(1));
  server.expired = true;
  server.dropStreams();
  await find(widget, ".notice", texts.expired);
  const asked = server.received.length;
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(server.received).toHaveLength(asked);
});

test("after the login as the same person chat and draft go on", async () => {
  await openWidget();
  await vi.waitFor(() => expect(bubbles()).toHaveLength(1));
  write(await field(), "scritto a metà");
  widget.remove();
  server.expired = true;
  await openWidget();
  await find(widget, ".notice", texts.expired);
  expect(findAll(widget, "#message")).toEqual([]);
  widget.remove();
  server.expired = false;
  await openWidget();
  await vi.waitFor(async () => expect((await field()).value).toBe("scritto a metà"));
});

test("another person after the login sees nothing of the draft", async () => {
  await openWidget();
  await vi.waitFor(() => expect(bubbles()).toHaveLength(1));
  write(await field(), "scritto a metà");
  widget.remove();
  server.session = { ...server.session, conversation: "c2", messages: [bot("m9")] };
  await openWidget();
  await vi.waitFor(() => expect(bubbles()).toEqual(["Assistente: testo m9"]));
  expect((await field()).value).toBe("");
  expect(JSON.stringify(sessionStorage)).not.toContain("scritto a metà");
});

test("a login in another tab is noticed when this one is looked at again", async () => {
  await openWidget();
  await vi.waitFor(() => expect(bubbles()).toHaveLength(1));
  server.expired = true;
  await say(widget, "ciao");
  await find(widget, ".notice", texts.expired);
  server.expired = false;
  document.dispatchEvent(new Event("visibilitychange"));
  await vi.waitFor(() => expect(findAll(widget, ".notice")).toEqual([]));
});

test("whoever doesn't want to log in goes on with a new conversation", async () => {
  server.expired = true;
  await openWidget();
  await find(widget, ".notice", texts.expired);
  server.session = { authenticated: false, citizen: null, conversation: "c3", messages: [bot("m7"), citizen("u", "x")] };
  await press(widget, texts.withoutLogin);
  await vi.waitFor(() => expect(bubbles()[0]).toBe("Assistente: testo m7"));
  expect(findAll(widget, ".notice")).toEqual([]);
  expect((await field()).value).toBe("");
});
