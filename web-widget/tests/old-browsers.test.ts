import { afterEach, beforeEach, expect, test, vi } from "vitest";

import type { IntercupAssistenza } from "../src/element.js";
import { rulesOf } from "../src/styles/insert-rules.js";
import { texts } from "../src/texts.js";
import { bot, ChatServer, reply } from "./chat-server.js";
import { FetchEventSource } from "./event-source.js";
import { addWidget, find, findAll, nameOf, press, say, write } from "./page.js";

let server: ChatServer;
let widget: IntercupAssistenza;

beforeEach(async () => {
  vi.stubGlobal("EventSource", FetchEventSource);
  sessionStorage.clear();
  server = new ChatServer();
  server.session.messages = [bot("m1")];
});

afterEach(async () => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
  widget.remove();
  await server.stop();
});

async function openWidget(): Promise<void> {
  widget = await addWidget({ "base-url": await server.start(), page: "portal", open: "" });
}

const offered = () => findAll<HTMLAnchorElement>(widget, ".broken a").map((link) => link.getAttribute("href"));

test("without AbortSignal.timeout, BroadcastChannel and ResizeObserver the conversation goes on", async () => {
  vi.stubGlobal("BroadcastChannel", undefined);
  vi.stubGlobal("ResizeObserver", undefined);
  vi.stubGlobal("AbortSignal", class {});
  server.respond = (_, response) => reply(response, { messages: [bot("m2")] });
  await openWidget();
  await find(widget, ".bubble", "testo m1");
  await say(widget, "ciao");
  await find(widget, ".bubble", "testo m2");
  expect(findAll(widget, ".notice")).toEqual([]);
});

test("where the dialog element is unknown its attribute opens and closes it", async () => {
  for (const name of ["show", "showModal", "close"]) vi.spyOn(HTMLDialogElement.prototype, name as "show").mockReturnValue();
  Object.assign(HTMLDialogElement.prototype, { showModal: undefined, close: undefined });
  await openWidget();
  await find(widget, "#message");
  await press(widget, texts.close);
  await vi.waitFor(() => expect(findAll(widget, "dialog")[0]!.hasAttribute("open")).toBe(false));
});

test("an answer that breaks the chat is logged and answered with the form, never told as a lost connection", async () => {
  const logged = vi.spyOn(console, "error").mockReturnValue();
  server.session.messages = null as never;
  await openWidget();
  await vi.waitFor(() => expect(offered()).toEqual(["/assistenza"]));
  expect(logged.mock.calls[0]![0]).toBeInstanceOf(TypeError);
  expect(findAll(widget, "p").map(nameOf)).not.toContain(texts.offline);
  expect(findAll(widget, ".broken").map(nameOf)[0]).toContain(texts.broken);
});

test("a message that can't be drawn is answered with the form", async () => {
  const logged = vi.spyOn(console, "error").mockReturnValue();
  server.session.messages = [bot("m1", { input: { type: "summary", title: "Riepilogo" } as never })];
  await openWidget();
  await vi.waitFor(() => expect(offered()).toEqual(["/assistenza"]));
  expect(logged).toHaveBeenCalled();
});

test("a page opened in a hidden tab asks for nothing until it is shown", async () => {
  const hidden = vi.spyOn(document, "hidden", "get").mockReturnValue(true);
  await openWidget();
  window.dispatchEvent(new Event("online"));
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(server.received.filter(({ path }) => path.startsWith("/chat"))).toEqual([]);
  hidden.mockReturnValue(false);
  document.dispatchEvent(new Event("visibilitychange"));
  await find(widget, ".bubble", "testo m1");
  await vi.waitFor(() => expect(server.listeners).toBe(1));
});

test.each([{ isComposing: true }, { keyCode: 229 }])("Enter ends an input method's word with %o and sends nothing", async (key) => {
  await openWidget();
  const field = await find<HTMLTextAreaElement>(widget, "#message");
  write(field, "にほん");
  field.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true, cancelable: true, ...key }));
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(server.sent).toEqual([]);
  expect(field.value).toBe("にほん");
});

test("a sheet is cut into its outermost rules", () => {
  expect(rulesOf("a { b: c; }\n@media x { d { e: f; } g {} }\n.h::before { content: \"\"; }")).toEqual([
    "a { b: c; }",
    "@media x { d { e: f; } g {} }",
    '.h::before { content: ""; }',
  ]);
});
