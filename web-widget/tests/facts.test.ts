import { afterEach, beforeEach, expect, test, vi } from "vitest";

import type { IntercupAssistenza } from "../src/element.js";
import "../src/files/element.js";
import { FileQueue } from "../src/files/queue.js";
import { fileTexts, texts } from "../src/texts.js";
import type { FilesInput, SummaryInput } from "../src/types.js";
import { uuid4 } from "../src/uuid.js";
import { bot, ChatServer, reply } from "./chat-server.js";
import { FetchEventSource } from "./event-source.js";
import { addWidget, find, findAll, nameOf, press, say, until } from "./page.js";

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
let url: string;

beforeEach(async () => {
  vi.stubGlobal("EventSource", FetchEventSource);
  sessionStorage.clear();
  server = new ChatServer();
  url = await server.start();
  await open({ ...files, draft: uuid4() });
});

/** Open a chat, instead of the one before, at a summary with these files. */
async function open(input: FilesInput): Promise<void> {
  document.body.textContent = "";
  server.session.messages = [bot("m1", { input: { ...summary, files: input } })];
  widget = await addWidget({ "base-url": url, mode: "inline" });
  await find(widget, "intercup-files #facts");
}

afterEach(async () => {
  widget.remove();
  await server.stop();
});

const filesAsked = () => server.received.filter(({ path }) => path.startsWith("/chat/files"));
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

test.each(["Invia!", "sì", "va bene così, procediamo"])("a typed «%s» brings them too", async (text) => {
  await say(widget, text);
  await until(() => expect(facts()).toEqual([expect.stringContaining("Struttura")]));
});

test("a structure that the citizen has refused since is no longer told", async () => {
  const { draft } = (server.session.messages[0]!.input as SummaryInput).files!;
  await open({ ...files, draft, structure: "" });
  await say(widget, "sì");
  await until(() => expect(facts()).toEqual([expect.stringContaining("Schermo")]));
  expect(facts()[0]).not.toContain("Papardo");
});

test("before a login they are shown and sent, and no file is asked for", async () => {
  await until(() => expect(filesAsked()).toHaveLength(1));
  await open({ ...files, draft: uuid4(), most: 0 });
  await say(widget, "sì");
  await until(() => expect(facts()).toEqual([expect.stringContaining("Struttura")]));
  expect(filesAsked()).toHaveLength(1);
  expect(findAll(widget, "intercup-files button")).toEqual([]);
});

test.each(["Annulla", "Modifica"])("«%s» brings none", async (title) => {
  await press(widget, title);
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

test("without the mark a text takes none along", async () => {
  (await find<HTMLInputElement>(widget, "#facts")).click();
  await say(widget, "sì");
  await until(() => expect(facts()).toEqual([undefined]));
});

test("the words about files follow the language, also back to Italian", async () => {
  const italian = fileTexts.facts;
  const english = { lang: "en", dir: "ltr", files: { facts: "What the page knows" } };
  widget.sentences = english;
  await until(() => expect(findAll(widget, "#facts-label").map(nameOf)).toEqual(["What the page knows"]));
  widget.sentences = undefined;
  await until(() => expect(findAll(widget, "#facts-label").map(nameOf)).toEqual([italian]));
});

test("the facts are shown in the language, and sent in Italian", async () => {
  widget.sentences = { lang: "en", dir: "ltr", files: { words: { Schermo: "Screen" } } };
  await until(() => expect(findAll(widget, "#facts-list").map(nameOf)).toEqual([expect.stringContaining("Screen: ")]));
  await press(widget, "Invia");
  await until(() => expect(facts()).toEqual([expect.stringContaining("Schermo: ")]));
});

test.each(["“referto.png” is too large.", "Le fichier « referto.png » est trop grand."])("a refusal that names the file, «%s», is not named again", async (message) => {
  server.respond = (_, response) => reply(response, { message }, 422);
  const queue = new FileQueue({ ...files, draft: uuid4() }, url);
  queue.add([new File(["abc"], "referto.png", { type: "image/png" })]);
  await until(() => expect(queue.uploads.map(({ problem }) => problem)).toEqual([message]));
});
