import { afterEach, beforeEach, expect, test, vi } from "vitest";

import type { IntercupAssistenza } from "../src/element.js";
import { fill, texts } from "../src/texts.js";
import { bot, ChatServer, citizen, reply } from "./chat-server.js";
import { FetchEventSource } from "./event-source.js";
import { addWidget, find, findAll, nameOf, press, say, until, write } from "./page.js";

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
  await until(() => expect(bubbles()).toHaveLength(1));
  server.expired = true;
  await say(widget, "il mio testo");
  await find(widget, ".notice", texts.expired);
  expect((await find(widget, ".notice a", texts.logIn)).getAttribute("href")).toContain("/accedi?ritorno=");
  expect(bubbles()).toEqual(["Assistente: testo m1", "Tu: il mio testo"]);
  await find(widget, ".failed button", texts.retry);
});

test("a stream that the server refuses says that the session has ended, not the connection", async () => {
  await openWidget();
  await until(() => expect(server.listeners).toBe(1));
  server.expired = true;
  server.dropStreams();
  await find(widget, ".notice", texts.expired);
  const asked = server.received.length;
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(server.received).toHaveLength(asked);
});

test("after the login as the same person chat and draft go on", async () => {
  await openWidget();
  await until(() => expect(bubbles()).toHaveLength(1));
  write(await field(), "scritto a metà");
  widget.remove();
  server.expired = true;
  await openWidget();
  await find(widget, ".notice", texts.expired);
  expect(findAll(widget, "#message")).toEqual([]);
  widget.remove();
  server.expired = false;
  await openWidget();
  await until(async () => expect((await field()).value).toBe("scritto a metà"));
});

test("another person after the login sees nothing of the draft", async () => {
  await openWidget();
  await until(() => expect(bubbles()).toHaveLength(1));
  write(await field(), "scritto a metà");
  widget.remove();
  server.session = { ...server.session, conversation: "c2", messages: [bot("m9")] };
  await openWidget();
  await until(() => expect(bubbles()).toEqual(["Assistente: testo m9"]));
  expect((await field()).value).toBe("");
  expect(JSON.stringify(sessionStorage)).not.toContain("scritto a metà");
});

test("a login in another tab is noticed when this one is looked at again", async () => {
  await openWidget();
  await until(() => expect(bubbles()).toHaveLength(1));
  server.expired = true;
  await say(widget, "ciao");
  await find(widget, ".notice", texts.expired);
  server.expired = false;
  server.respond = (_, response) => reply(response, { messages: [bot("m2")] });
  document.dispatchEvent(new Event("visibilitychange"));
  await until(() => expect(bubbles()).toEqual(["Assistente: testo m1", "Tu: ciao", "Assistente: testo m2"]));
  expect(findAll(widget, ".notice, .failed")).toEqual([]);
});

test("where the page has no warning of its own, the chat says when the session ends, once aloud", async () => {
  server.end = { state: "open", seconds_left: 150, prolongable: true };
  await openWidget();
  await find(widget, ".notice", fill(texts.ending, 3));
  expect(findAll(widget, "[aria-live=polite] p").map(nameOf)).toEqual(["Assistente: testo m1", fill(texts.ending, 3)]);
  server.end = { ...server.end, seconds_left: 1800 };
  await press(widget, texts.stay);
  await until(() => expect(findAll(widget, ".notice")).toEqual([]));
  expect(server.received.filter(({ path, body }) => path === "/sessione" && body)).toHaveLength(1);
});

test("an end that can't be put off offers no button for it", async () => {
  server.end = { state: "open", seconds_left: 50, prolongable: false };
  await openWidget();
  expect(nameOf(await find(widget, ".notice", fill(texts.ending, 1)))).toContain(texts.endingForGood);
  expect(findAll(widget, ".notice button")).toEqual([]);
});

test("on a page with a warning of its own the chat asks nothing", async () => {
  document.body.insertAdjacentHTML("beforeend", '<dialog id="session-dialog"></dialog>');
  await openWidget();
  await until(() => expect(bubbles()).toHaveLength(1));
  expect(server.received.map(({ path }) => path)).not.toContain("/sessione");
  document.getElementById("session-dialog")!.remove();
});

test("whoever doesn't want to log in goes on with a new conversation", async () => {
  server.expired = true;
  await openWidget();
  await find(widget, ".notice", texts.expired);
  server.session = { authenticated: false, citizen: null, conversation: "c3", messages: [bot("m7"), citizen("u", "x")] };
  await press(widget, texts.withoutLogin);
  await until(() => expect(bubbles()[0]).toBe("Assistente: testo m7"));
  expect(findAll(widget, ".notice")).toEqual([]);
  expect((await field()).value).toBe("");
});

test("removed while a new conversation is asked for, it follows no events", async () => {
  server.expired = true;
  await openWidget();
  await press(widget, texts.withoutLogin);
  widget.remove();
  const asked = () => server.received.map(({ path }) => path);
  await until(() => expect(asked().join()).toContain("expired=leave"));
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(asked()).not.toContain("/chat/events");
});
