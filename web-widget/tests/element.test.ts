import type { ServerResponse } from "node:http";

import { afterEach, beforeEach, expect, test, vi } from "vitest";

import type { IntercupAssistenza } from "../src/element.js";
import { fill, texts } from "../src/texts.js";
import { uuid4 } from "../src/uuid.js";
import { bot, ChatServer, citizen, reply } from "./chat-server.js";
import { FetchEventSource } from "./event-source.js";
import { addWidget, find, findAll, nameOf, press, pressKey, say, until, write } from "./page.js";

let server: ChatServer;
let base: string;
let widget: IntercupAssistenza;

const yes = { title: "Sì", payload: "/affirm" };
const no = { title: "No", payload: "/deny" };

beforeEach(async () => {
  vi.stubGlobal("EventSource", FetchEventSource);
  sessionStorage.clear();
  server = new ChatServer();
  base = await server.start();
});

afterEach(async () => {
  vi.useRealTimers();
  vi.restoreAllMocks();
  widget.remove();
  await server.stop();
});

async function openWidget(): Promise<void> {
  widget = await addWidget({ "base-url": base, page: "portal", open: "" });
  await find(widget, "#message");
}

const messages = () => findAll(widget, ".message");
const bubbles = () => findAll(widget, ".bubble").map(nameOf);
const liveRegion = () => findAll(widget, "[aria-live=polite]").map(nameOf).join("");

test("closed, it is one button and asks nothing of the server", async () => {
  widget = await addWidget({ "base-url": base });
  expect(findAll(widget, "button").map(nameOf)).toEqual([texts.launcher]);
  expect((await find(widget, ".launcher")).getAttribute("aria-expanded")).toBe("false");
  expect(server.received).toEqual([]);
});

test("the menu leads to the form, also where it is in the page", async () => {
  await openWidget();
  const href = async () => (await find(widget, ".menu a")).getAttribute("href");
  expect(await href()).toBe(`${base}/assistenza#modulo`);
  const form = document.body.appendChild(document.createElement("h2"));
  form.id = "modulo";
  (await find(widget, ".more")).click();
  await widget.updateComplete;
  expect(await href()).toBe("#modulo");
  form.remove();
});

test("removed while it loads, it follows no events", async () => {
  widget = await addWidget({ "base-url": base, page: "portal", open: "" });
  widget.remove();
  const asked = () => server.received.map(({ path }) => path);
  await until(() => expect(asked()).toContain("/chat/session?page=portal"));
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(asked()).not.toContain("/chat/events");
});

test("removed, it doesn't come back when another tab forgets the conversation", async () => {
  await openWidget();
  await until(() => expect(server.listeners).toBe(1));
  widget.remove();
  const asked = server.received.length;
  const tab = new BroadcastChannel("intercup-assistenza");
  tab.postMessage("");
  await new Promise((resolve) => setTimeout(resolve, 100));
  tab.close();
  expect(server.received).toHaveLength(asked);
});

test("earlier messages come when asked for, before those that are read", async () => {
  server.session = { ...server.session, messages: [citizen("u2", "sì"), bot("m2")], earlier: 4 };
  await openWidget();
  await find(widget, "button", texts.earlier);
  server.session = { ...server.session, messages: [bot("m0"), citizen("u1", "no"), bot("m1"), citizen("u2", "sì"), bot("m2")], earlier: undefined };
  await press(widget, texts.earlier);
  await until(() => expect(messages()).toHaveLength(5));
  await until(() => expect(findAll(widget, "button").map(nameOf)).not.toContain(texts.earlier));
  expect(server.received.some(({ path }) => path.endsWith("&from=4"))).toBe(true);
  const chat = findAll(widget, "intercup-chat")[0]!;
  await until(() => expect((chat.shadowRoot!.activeElement as HTMLElement).dataset["id"]).toBe("u2"));
  expect(liveRegion()).toBe(fill(texts.earlierShown, 3));
  expect(findAll(widget, ".newer")).toEqual([]);
  server.dropStreams();
  await until(() => expect(server.received.filter(({ path }) => path.endsWith("&from=4")).length).toBeGreaterThan(1));
});

test("a saved conversation is whole", async () => {
  server.session = { ...server.session, messages: [bot("m2")], earlier: 4 };
  await openWidget();
  await find(widget, "button", texts.earlier);
  await press(widget, texts.save);
  await until(() => expect(server.received.some(({ path }) => path.endsWith("&from=0"))).toBe(true));
});

test("the launcher opens the panel, Esc closes it and the focus returns", async () => {
  widget = await addWidget({ "base-url": base });
  const launcher = await find(widget, ".launcher");
  launcher.click();
  await until(() => expect(findAll<HTMLDialogElement>(widget, "dialog")[0]!.open).toBe(true));
  expect(launcher.getAttribute("aria-expanded")).toBe("true");
  pressKey(await find(widget, "#message"), "Escape");
  await until(() => expect(widget.open).toBe(false));
  await widget.updateComplete;
  expect(widget.shadowRoot!.activeElement).toBe(launcher);
});

test("whether it is open is remembered over page changes", async () => {
  await openWidget();
  widget.remove();
  widget = await addWidget({ "base-url": base });
  expect(widget.open).toBe(true);
});

test("inline, the panel is there at once without a launcher", async () => {
  widget = await addWidget({ "base-url": base, mode: "inline" });
  await find(widget, "#message");
  expect(findAll(widget, ".launcher, dialog")).toEqual([]);
});

test("the log is there and empty before the first message", async () => {
  await openWidget();
  const log = await find(widget, "[role=log]");
  expect(log.children.length).toBe(0);
  expect(log.getAttribute("aria-live")).toBe("off");
});

test("a restored history is shown, with hidden prefixes, and not read out", async () => {
  sessionStorage.setItem("intercup-assistenza", JSON.stringify({ conversation: "c1" }));
  server.session.messages = [bot("m1"), citizen("u1", "ciao")];
  await openWidget();
  await until(() => expect(bubbles()).toEqual(["Assistente: testo m1", "Tu: ciao"]));
  expect(liveRegion()).toBe("");
});

test("a history opened in a new tab is not read out, a greeting is", async () => {
  server.session.messages = [bot("m1"), citizen("u1", "ciao"), bot("m2")];
  await openWidget();
  await until(() => expect(bubbles()).toHaveLength(3));
  expect(liveRegion()).toBe("");
  widget.remove();
  sessionStorage.clear();
  server.session.messages = [bot("m1")];
  await openWidget();
  await until(() => expect(liveRegion()).toBe("Assistente: testo m1"));
});

test("an answer is announced once, in the one live region", async () => {
  server.respond = (_, response) => reply(response, { messages: [bot("m1", { buttons: [yes, no] })] });
  await openWidget();
  await say(widget, "ciao");
  const answers = () => liveRegion().replace(texts.typing, ""); // announced before a slow answer
  await until(() => expect(answers()).toBe("Assistente: testo m1 Scelte possibili: Sì; No."));
  expect(findAll(widget, "[aria-live=polite]").length).toBe(1);
});

test("Enter sends, Shift+Enter and an input method's Enter do not", async () => {
  await openWidget();
  const field = await find<HTMLTextAreaElement>(widget, "#message");
  write(field, "ciao");
  field.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", shiftKey: true, bubbles: true }));
  field.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", isComposing: true, bubbles: true }));
  expect(messages()).toEqual([]);
  pressKey(field, "Enter");
  await until(() => expect(server.sent).toMatchObject([{ text: "ciao" }]));
  await until(() => expect(field.value).toBe(""));
});

test("more than 2000 characters are not sent and not cut", async () => {
  await openWidget();
  await say(widget, "a".repeat(2001));
  await find(widget, ".error");
  expect((await find<HTMLTextAreaElement>(widget, "#message")).value.length).toBe(2001);
  expect(server.sent).toEqual([]);
});

test("a button is used once and stays readable", async () => {
  server.session.messages = [bot("m1", { buttons: [yes, no] })];
  await openWidget();
  const button = await find<HTMLButtonElement>(widget, "button", "Sì");
  button.click();
  button.click();
  await until(() => expect(server.sent).toHaveLength(1));
  expect(server.sent[0]).toEqual({ id: expect.stringMatching(/^[0-9a-f]{8}-.{4}-4/), payload: "/affirm" });
  await until(() => expect(findAll<HTMLButtonElement>(widget, ".bot .button").every(({ disabled }) => disabled)).toBe(true));
  expect((await find(widget, ".bot .chosen")).textContent).toContain("Sì");
});

test("an unavailable assistant's words are shown, and Riprova sends the same id", async () => {
  server.respond = (_, response) => reply(response, { retry: true, messages: [bot("sorry")] });
  await openWidget();
  await say(widget, "ciao");
  await find(widget, ".failed", texts.unsent);
  expect(bubbles()).toEqual(["Tu: ciao", "Assistente: testo sorry"]);
  server.respond = (_, response) => reply(response, { messages: [bot("m1")] });
  await press(widget, texts.retry);
  await until(() => expect(bubbles()).toContain("Assistente: testo m1"));
  expect(server.sent[1]).toEqual(server.sent[0]);
  expect(findAll(widget, ".failed")).toEqual([]);
});

test("an unsent message survives a reload and goes by itself, with the same id", async () => {
  server.respond = (_, response) => reply(response, { retry: true, messages: [bot("sorry")] });
  await openWidget();
  await say(widget, "ciao");
  await find(widget, ".failed");
  widget.remove();
  server.respond = (_, response) => reply(response, { messages: [bot("m1")] });
  await openWidget();
  await until(() => expect(bubbles()).toEqual(["Tu: ciao", "Assistente: testo m1"]));
  expect(server.sent[1]).toEqual(server.sent[0]);
});

test.each([
  ["an assistant that is down", (response: ServerResponse) => reply(response, { retry: true, messages: [bot(uuid4())] })],
  ["a bad gateway", (response: ServerResponse) => void response.writeHead(502).end("<html>")],
  ["a cut connection", (response: ServerResponse) => void response.destroy()],
])("%s is tried again ever more rarely, at most half as late again, and at last only by hand", async (_, fail) => {
  vi.spyOn(Math, "random").mockReturnValue(1);
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"], shouldAdvanceTime: true });
  server.respond = (_, response) => fail(response);
  await openWidget();
  await say(widget, "ciao");
  for (const [attempt, pause] of [4_500, 9_000, 18_000, 45_000, 90_000].entries()) {
    await find(widget, ".failed", texts.unsentAgain);
    expect(server.sent).toHaveLength(attempt + 1);
    vi.advanceTimersByTime(pause);
    await until(() => expect(server.sent).toHaveLength(attempt + 2));
  }
  await until(() => expect(nameOf(findAll(widget, ".failed span")[0]!)).toBe(texts.unsent));
  expect(bubbles().filter((text) => text.startsWith("Assistente")).length).toBeLessThanOrEqual(1);
  server.respond = (_, response) => reply(response, { messages: [bot("m1")] });
  await press(widget, texts.retry);
  await until(() => expect(bubbles()).toContain("Assistente: testo m1"));
  expect(findAll(widget, ".notice.error")).toEqual([]);
  expect(new Set(server.sent.map(({ id }) => id)).size).toBe(1);
});

test("a new message waits for the unsent one, so that the order stays", async () => {
  server.respond = (_, response) => reply(response, { retry: true, messages: [bot("sorry")] });
  await openWidget();
  await say(widget, "primo");
  await find(widget, ".failed");
  server.respond = (_, response) => reply(response, { messages: [bot(uuid4())] });
  await say(widget, "secondo");
  await until(() => expect(server.sent.map(({ text }) => text)).toEqual(["primo", "primo", "secondo"]));
});

test("another person's conversation does not show what was left unsent", async () => {
  server.respond = (_, response) => reply(response, { retry: true, messages: [bot("sorry")] });
  await openWidget();
  await say(widget, "cosa mia");
  await find(widget, ".failed");
  widget.remove();
  server.session = { ...server.session, conversation: "c2", messages: [bot("m1")] };
  await openWidget();
  await until(() => expect(bubbles()).toEqual(["Assistente: testo m1"]));
});

test("what a cut connection kept goes by itself, with the same id, when it is back", async () => {
  server.respond = (_, response) => void response.destroy();
  await openWidget();
  await say(widget, "ciao");
  await find(widget, ".notice", texts.offline);
  server.respond = (_, response) => reply(response, { messages: [bot("m1")] });
  window.dispatchEvent(new Event("online"));
  await until(() => expect(bubbles()).toContain("Assistente: testo m1"));
  expect(new Set(server.sent.map(({ id }) => id)).size).toBe(1);
});

test("a refused text goes back to the composer with the server's sentence", async () => {
  server.respond = (_, response) => reply(response, { error: "invalid", message: "Testo non valido." }, 422);
  await openWidget();
  await say(widget, "ciao");
  await find(widget, ".notice", "Testo non valido.");
  expect((await find<HTMLTextAreaElement>(widget, "#message")).value).toBe("ciao");
  expect(messages()).toEqual([]);
});

test("a stale choice loads the history again", async () => {
  server.session.messages = [bot("m1", { buttons: [yes] })];
  server.respond = (_, response) => reply(response, { error: "stale_choice", message: "Scelta superata." }, 409);
  await openWidget();
  await find(widget, "button", "Sì");
  server.session.messages = [bot("m1", { buttons: [yes] }), citizen("u9", "altro"), bot("m2")];
  await press(widget, "Sì");
  await until(() => expect(bubbles()).toEqual(["Assistente: testo m1", "Tu: altro", "Assistente: testo m2"]));
});

test("Retry-After is waited for before Riprova can be pressed", async () => {
  server.respond = (_, response) => reply(response, { error: "slow", message: "Attendi." }, 429, { "Retry-After": "1" });
  await openWidget();
  await say(widget, "ciao");
  expect((await find<HTMLButtonElement>(widget, ".failed button", texts.retrySoon)).disabled).toBe(true);
  await until(() => expect(findAll(widget, ".failed button").map(nameOf)).toEqual([texts.retry]));
});

test("an empty answer is not silence", async () => {
  await openWidget();
  await say(widget, "ciao");
  await find(widget, ".notice", texts.noAnswer);
});

test("an event already known is not shown twice; one of another tab is", async () => {
  server.session.messages = [bot("m1")];
  await openWidget();
  await until(() => expect(server.listeners).toBe(1));
  server.push(bot("m1"));
  server.push(citizen("u2", "da un’altra scheda"));
  await until(() => expect(bubbles()).toEqual(["Assistente: testo m1", "Tu: da un’altra scheda"]));
});

test("after half a second of waiting it says that the assistant is writing, and no sooner", async () => {
  let answer = (): void => undefined;
  server.respond = (_, response) => (answer = () => reply(response, { messages: [bot("m1")] }));
  await openWidget();
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"], shouldAdvanceTime: true });
  await say(widget, "ciao");
  await until(() => expect(server.sent).toHaveLength(1));
  expect(findAll(widget, ".typing")).toEqual([]);
  vi.advanceTimersByTime(500);
  await find(widget, ".typing", texts.typing);
  expect(liveRegion()).toBe(texts.typing);
  answer();
  await until(() => expect(findAll(widget, ".typing")).toEqual([]));
  expect(bubbles()).toContain("Assistente: testo m1");
});

test("messages of the same minute share one hour", async () => {
  const time = "2026-01-15T09:31:00Z";
  server.session.messages = [bot("m1"), citizen("u1", "ciao"), bot("m2", { time }), bot("m3", { time })];
  await openWidget();
  await until(() => expect(bubbles()).toHaveLength(4));
  expect(findAll(widget, "time").map((each) => each.getAttribute("datetime"))).toEqual(["2026-01-15T09:30:00Z", time]);
});

test("a request's number is in one piece, and an address is a link", async () => {
  server.session.messages = [bot("m1", { text: "La IC-AB12-CD34-EF56 arriva a cup@example.it." })];
  await openWidget();
  expect(nameOf(await find(widget, "strong.number"))).toBe("IC-AB12-CD34-EF56");
  expect((await find(widget, ".bubble a")).getAttribute("href")).toBe("mailto:cup@example.it");
});

test("what comes while the panel is closed is told at the launcher until it is opened", async () => {
  await openWidget();
  await until(() => expect(server.listeners).toBe(1));
  await press(widget, texts.close);
  server.push(bot("m1"));
  const launcher = await find(widget, ".launcher", texts.unread);
  launcher.click();
  await until(() => expect(nameOf(launcher)).toBe(texts.launcher));
});

test("forgetting asks first, then clears everything", async () => {
  server.session.messages = [bot("m1"), citizen("u1", "ciao")];
  await openWidget();
  await until(() => expect(messages()).toHaveLength(2));
  await press(widget, texts.options);
  await press(widget, texts.forget);
  await find(widget, "[role=alertdialog]");
  expect(server.received.map(({ path }) => path)).not.toContain("/chat/forget");
  server.session = { ...server.session, conversation: "c2", messages: [bot("m9")] };
  await press(widget, texts.forgetConfirm);
  await until(() => expect(bubbles()).toEqual(["Assistente: testo m9"]));
});

const english = { lang: "en", dir: "ltr", files: {}, messageLabel: "Write here", send: "Send" };

test("another language keeps the half-typed words, the focus, the caret and what is being read out", async () => {
  server.respond = (_, response) => reply(response, { messages: [bot("m1")] });
  await openWidget();
  await say(widget, "ciao");
  await until(() => expect(liveRegion()).toContain("testo m1"));
  const field = await find<HTMLTextAreaElement>(widget, "#message");
  const said = liveRegion();
  field.focus();
  write(field, "half a word");
  field.setSelectionRange(4, 4);
  widget.sentences = english;
  await find(widget, "label", "Write here");
  expect(await find(widget, "#message")).toBe(field);
  expect([field.value, field.selectionStart]).toEqual(["half a word", 4]);
  expect(findAll(widget, ".send").map(nameOf)).toEqual(["Send"]);
  expect((field.getRootNode() as ShadowRoot).activeElement).toBe(field);
  expect(liveRegion()).toBe(said);
  widget.sentences = undefined;
  await find(widget, "label", texts.messageLabel);
});

test("the days of many messages take one format a language", async () => {
  let made = 0;
  class Counted extends Intl.DateTimeFormat {
    constructor(...given: ConstructorParameters<typeof Intl.DateTimeFormat>) {
      super(...given);
      made += 1;
    }
  }
  vi.stubGlobal("Intl", { DateTimeFormat: Counted });
  const time = "2020-03-04T10:00:00Z";
  server.session.messages = Array.from({ length: 9 }, (_, index) => bot(`m${index}`, { time }));
  await openWidget();
  await until(() => expect(messages()).toHaveLength(9));
  expect(nameOf(messages()[8]!)).toContain("4 mar, ");
  widget.sentences = english;
  await until(() => expect(nameOf(messages()[8]!)).toContain("Mar 4, "));
  expect([1, 2]).toContain(made); // The Italian one may be there already.
  widget.sentences = undefined;
  await find(widget, "label", texts.messageLabel);
  vi.unstubAllGlobals();
});
