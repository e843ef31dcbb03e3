import { afterEach, beforeEach, expect, test, vi } from "vitest";

import type { IntercupAssistenza } from "../src/element.js";
import "../src/files/element.js";
import { texts } from "../src/texts.js";
import type { FilesInput, SummaryInput } from "../src/types.js";
import { uuid4 } from "../src/uuid.js";
import { bot, ChatServer, reply } from "./chat-server.js";
import { FetchEventSource } from "./event-source.js";
import { addWidget, find, press, say, until } from "./page.js";

const words = { optional: "Allegati", hint: "Fino a tre", add: "Aggiungi", many: "Troppi", large: "Troppo grande" };
const files: FilesInput = { draft: "", structure: "A.O. Papardo", most: 3, largest: 9, ...words };
const choice = (title: string) => ({ title, payload: `/${title}` });
const summary: SummaryInput = {
  type: "summary",
  title: "Controlla e invia",
  rows: [{ label: "Categoria", value: "Generica", edit: choice("Modifica la categoria") }],
  send: choice("Invia"),
  cancel: choice("Annulla"),
};

let server: ChatServer;
let widget: IntercupAssistenza;

beforeEach(async () => {
  vi.stubGlobal("EventSource", FetchEventSource);
  sessionStorage.clear();
  server = new ChatServer();
  server.session.messages = [bot("m1", { input: { ...summary, files: { ...files, draft: uuid4() } } })];
  widget = await addWidget({ "base-url": await server.start(), mode: "inline" });
  await find(widget, "intercup-files #facts");
});

afterEach(async () => {
  widget.remove();
  await server.stop();
});

const facts = () => server.sent.map(({ page_facts }) => page_facts);

test("the press brings the facts in sight, again when it is tried again", async () => {
  server.respond = (_, response) => void response.destroy();
  await press(widget, "Invia");
  await find(widget, ".failed");
  server.respond = (_, response) => reply(response, { messages: [bot("m2")] });
  await press(widget, texts.retry);
  await until(() => expect(facts()).toHaveLength(2));
  expect(facts()[0]).toContain("Struttura: A.O. Papardo\n");
  expect(facts()[1]).toBe(facts()[0]);
});

test("a typed «invia» brings them too", async () => {
  await say(widget, "Invia!");
  await until(() => expect(facts()).toEqual([expect.stringContaining("Struttura")]));
});

test.each(["Annulla", "Modifica"])("«%s» brings none", async (title) => {
  await press(widget, title);
  await until(() => expect(facts()).toEqual([undefined]));
});

test("another text brings none", async () => {
  await say(widget, "non inviare ancora");
  await until(() => expect(facts()).toEqual([undefined]));
});

test("without the mark nothing goes, also when it is tried again", async () => {
  (await find<HTMLInputElement>(widget, "#facts")).click();
  server.respond = (_, response) => void response.destroy();
  await press(widget, "Invia");
  await find(widget, ".failed");
  await press(widget, texts.retry);
  await until(() => expect(facts()).toEqual([undefined, undefined]));
});
