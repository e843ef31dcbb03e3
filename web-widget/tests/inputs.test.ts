import { afterEach, beforeEach, expect, test, vi } from "vitest";

import type { IntercupAssistenza } from "../src/element.js";
import { fill, texts } from "../src/texts.js";
import { type Input, TEXT_MAX } from "../src/types.js";
import { bot, ChatServer, citizen, reply } from "./chat-server.js";
import { FetchEventSource } from "./event-source.js";
import { addWidget, find, findAll, nameOf, press, pressKey, until, write } from "./page.js";

let server: ChatServer;
let widget: IntercupAssistenza;

const choice = (title: string) => ({ title, payload: `/${title}` });

const select: Input = {
  type: "select",
  brief: true,
  label: "Struttura",
  required: true,
  groups: [
    { label: "Provincia di Catania", options: [{ ...choice("ASP Catania"), line: "Acireale, Bronte" }, choice("A.O. Cannizzaro")] },
    { label: "Messina", options: [choice("ASP Messina")] },
  ],
};
const textarea: Input = { type: "textarea", label: "Descrizione", hint: "Breve", brief: true };
const consent: Input = {
  type: "consent",
  label: "Dichiaro di aver preso visione del Regolamento",
  link: { title: "Regolamento", href: "/regolamento" },
  accept: choice("Sì"),
  refuse: choice("No"),
};
const summary: Input = {
  type: "summary",
  title: "Controlla e invia",
  rows: [{ label: "Categoria", value: "Generica", edit: choice("Modifica la categoria") }],
  send: choice("Invia"),
  cancel: choice("Annulla"),
};
const rating: Input = {
  type: "rating",
  brief: true,
  label: "Quanto è stato facile usare questo servizio?",
  options: ["1 stella su 5", "2 stelle su 5"].map(choice),
  skip: choice("Salta"),
};

const mail: Input = {
  type: "mail",
  label: "Messaggio già pronto",
  to: "casella@example.it",
  subject: "Richiesta",
  body: "Non riesco a entrare.",
  open: { title: "Apri nel programma di posta", href: "mailto:casella@example.it?subject=Richiesta" },
  copy: { title: "Copia il messaggio" },
};

beforeEach(async () => {
  vi.stubGlobal("EventSource", FetchEventSource);
  sessionStorage.clear();
  server = new ChatServer();
});

afterEach(async () => {
  widget.remove();
  await server.stop();
});

async function offer(input: Input, ...later: ReturnType<typeof bot>[]): Promise<void> {
  server.session.messages = [bot("m1", { input }), ...later];
  widget = await addWidget({ "base-url": await server.start(), mode: "inline" });
  await find(widget, ".input");
}

const sent = (expected: object) => until(() => expect(server.sent).toMatchObject([expected]));

test("the select finds by province, by keyboard, and the option is the answer", async () => {
  await offer(select);
  const field = await find<HTMLInputElement>(widget, "[role=combobox]");
  write(field, "catania canniz");
  await until(() => expect(findAll(widget, "[role=option]").map(nameOf)).toEqual(["A.O. Cannizzaro"]));
  expect(field.getAttribute("aria-activedescendant")).toBe("option-0");
  pressKey(field, "Enter");
  await sent({ payload: "/A.O. Cannizzaro" });
});

test("a place leads to its structure, and Enter asks the assistant for it", async () => {
  await offer(select);
  const field = await find<HTMLInputElement>(widget, "[role=combobox]");
  write(field, "Ospedale di bronte");
  await until(() => expect(findAll(widget, "[role=option]").map(nameOf)).toEqual(["ASP CataniaBronte"]));
  pressKey(field, "Enter");
  await sent({ text: "Ospedale di bronte" });
});

test("words that are no option go to the assistant", async () => {
  await offer(select);
  write(await find<HTMLInputElement>(widget, "[role=combobox]"), "non so quale");
  await press(widget, texts.confirm);
  await sent({ text: "non so quale" });
});

test("what is being written while a list comes stays in its field until it is sent", async () => {
  await offer(consent);
  const field = await find<HTMLTextAreaElement>(widget, "#message");
  write(field, "ragusa");
  await until(() => expect(server.listeners).toBe(1));
  server.push(citizen("u1", "Sì"));
  server.push(bot("m2", { input: select }));
  await find(widget, "[role=combobox]");
  expect((await find<HTMLTextAreaElement>(widget, "#message")).value).toBe("ragusa");
  server.respond = (_, response) => reply(response, { messages: [bot("m3", { input: select })] });
  pressKey(field, "Enter");
  await sent({ text: "ragusa" });
  await until(() => expect(findAll(widget, "#message")).toEqual([]));
});

test("words that are too long for a message stay in the list's field", async () => {
  await offer(select);
  const words = "x".repeat(TEXT_MAX + 1);
  const field = await find<HTMLInputElement>(widget, "[role=combobox]");
  write(field, words);
  await press(widget, texts.confirm);
  await find(widget, "[role=combobox][aria-invalid]");
  expect(field.value).toBe(words);
  expect(server.sent).toEqual([]);
});

test("the arrows go round the options and Esc closes the list only", async () => {
  await offer(select);
  const field = await find<HTMLInputElement>(widget, "[role=combobox]");
  pressKey(field, "ArrowDown");
  pressKey(field, "ArrowUp");
  await until(() => expect(field.getAttribute("aria-activedescendant")).toBe("option-2"));
  pressKey(field, "Escape");
  await until(() => expect(field.getAttribute("aria-expanded")).toBe("false"));
});

test("the select asks for a choice before it confirms", async () => {
  await offer(select);
  await press(widget, texts.confirm);
  await find(widget, ".error", texts.chooseFirst);
  expect(server.sent).toEqual([]);
});

test("a description is written in the one field, with hint and counter, where Enter makes a line", async () => {
  await offer(textarea);
  const field = await find<HTMLTextAreaElement>(widget, "textarea");
  expect(findAll(widget, "textarea, input")).toHaveLength(1);
  expect(nameOf(findAll(widget, "label")[0]!)).toBe("Descrizione");
  write(field, "x".repeat(2001));
  await find(widget, ".count", fill(texts.charactersOver, 1));
  await press(widget, texts.continue);
  await find(widget, ".error", fill(texts.tooLong, 2000));
  write(field, "lungo quanto basta");
  pressKey(field, "Enter");
  expect(server.sent).toEqual([]);
  await press(widget, texts.continue);
  await sent({ text: "lungo quanto basta" });
});

test("without a text the button says what is missing, until the step is another one", async () => {
  await offer(textarea);
  await find(widget, "textarea");
  await press(widget, texts.continue);
  await find(widget, ".error", texts.writeFirst);
  expect(findAll(widget, "[aria-live=polite] p").map(nameOf)).toContain(texts.writeFirst);
  expect(server.sent).toEqual([]);
  await until(() => expect(server.listeners).toBe(1));
  server.push(bot("m2", { input: consent }));
  await until(() => expect(findAll(widget, "intercup-composer .error")).toEqual([]));
});

test("a text that was too short comes back, to be completed", async () => {
  await offer(textarea);
  server.respond = (_, response) => reply(response, { messages: [bot("m2", { input: { ...textarea, again: true } })] });
  write(await find<HTMLTextAreaElement>(widget, "textarea"), "errore");
  await press(widget, texts.continue);
  await until(() => expect(server.sent).toHaveLength(1));
  await until(() => expect(findAll<HTMLTextAreaElement>(widget, "textarea").map(({ value }) => value)).toEqual(["errore"]));
  expect(findAll(widget, "intercup-chat")[0]!.shadowRoot!.activeElement?.localName).toBe("intercup-composer");
});

test("the consent opens its text in a new tab and sends the answer", async () => {
  await offer(consent);
  const link = await find<HTMLAnchorElement>(widget, "a", "Regolamento");
  expect(link.target).toBe("_blank");
  expect(nameOf(link)).toContain(texts.newTab);
  await press(widget, "Sì");
  await sent({ payload: "/Sì" });
});

test("the summary names each Modifica and sends only once", async () => {
  await offer(summary);
  await find(widget, "button", "Modifica la categoria");
  const button = findAll(widget, "button").find((element) => nameOf(element) === "Invia")!;
  button.click();
  button.click();
  await sent({ payload: "/Invia" });
});

test("the stars are radio buttons with a confirmation", async () => {
  await offer(rating);
  const stars = findAll<HTMLInputElement>(widget, "input[type=radio]");
  stars[1]!.dispatchEvent(new Event("change"));
  await press(widget, texts.confirm);
  await sent({ payload: "/2 stelle su 5" });
});

test("a step has one field: a list hides the composer, and answered it is gone", async () => {
  await offer(select);
  expect(findAll(widget, "textarea, input").map(({ id }) => id)).toEqual(["field"]);
  widget.remove();
  await server.stop();
  server = new ChatServer();
  await offer(consent, citizen("u1", "Sì"), bot("m2", { input: select }), citizen("u2", "ASP Messina"), bot("m3"));
  expect(findAll(widget, "textarea, input").map(({ id }) => id)).toEqual(["message"]);
  expect(findAll(widget, "intercup-select")).toEqual([]);
  expect(findAll<HTMLButtonElement>(widget, "intercup-consent button").every(({ disabled }) => disabled)).toBe(true);
});

test("choices from before the login can't be pressed", async () => {
  const buttons = [choice("Prima")];
  await offer(consent, bot("m2", { buttons }), bot("m3", { input: { type: "login" }, buttons: [choice("Dopo")] }));
  await find(widget, "button", "Dopo");
  const enabled = findAll<HTMLButtonElement>(widget, ".bot button").filter(({ disabled }) => !disabled);
  expect(enabled.map(nameOf)).toEqual(["Dopo"]);
});

test("a receipt's state changes in place", async () => {
  const receipt: Input = {
    type: "receipt",
    number: "IC-AB12-CD34-EF56",
    rows: [{ label: "Riceverà una copia", value: "maria@example.it" }],
    state: "Registrata",
  };
  await offer(receipt);
  await until(() => expect(server.listeners).toBe(1));
  server.push(bot("m2", { text: "Consegnata.", about: receipt.number }));
  await find(widget, "intercup-receipt dd", "Consegnata.");
  expect(findAll(widget, ".message")).toHaveLength(1);
  await until(() => expect(findAll(widget, "[aria-live=polite]").map(nameOf).join("")).toContain("Consegnata."));
});

test("a receipt's number is copied", async () => {
  const writeText = vi.fn().mockResolvedValue(undefined);
  vi.stubGlobal("navigator", { ...navigator, clipboard: { writeText } });
  await offer({ type: "receipt", number: "IC-AB12-CD34-EF56", rows: [], state: "Registrata" });
  await press(widget, texts.copyNumber);
  await until(() => expect(writeText).toHaveBeenCalledWith("IC-AB12-CD34-EF56"));
});

test("the summary names what is missing", async () => {
  await offer({ ...summary, rows: [{ label: "Riceverà una copia", value: "" }] } as Input);
  await find(widget, ".error", fill(texts.missing, "Riceverà una copia"));
});

test("a category shows its few words, a line and its label, and answers with the label", async () => {
  const buttons = [{ ...choice("Assistenza generica"), short: "Il sito", line: "Non funziona." }];
  await offer(consent, bot("m2", { buttons }));
  await press(widget, "Il sito Non funziona. Assistenza generica");
  await sent({ payload: "/Assistenza generica" });
  await find(widget, ".citizen .bubble", "Assistenza generica");
});

test("the login is a button that comes back to the page", async () => {
  await offer(consent, bot("m2", { links: [{ title: "Accedi", href: "/accedi" }] }));
  expect((await find<HTMLAnchorElement>(widget, "a.button", "Accedi")).getAttribute("href")).toMatch(/^\/accedi\?ritorno=/);
});

test("an event that comes meanwhile leaves the input usable", async () => {
  await offer(select, bot("m2"));
  expect(findAll(widget, "[role=combobox]")).toHaveLength(1);
});

test("the focus goes on to the input also when the event stream brings the answers first", async () => {
  await offer(consent);
  await until(() => expect(server.listeners).toBe(1));
  const answers = [bot("m2"), bot("m3", { input: select })];
  server.respond = (_, response) => {
    for (const answer of answers) server.push(answer);
    setTimeout(() => reply(response, { messages: answers }), 100);
  };
  await press(widget, "Sì");
  const field = await find<HTMLInputElement>(widget, "input[role=combobox]");
  await until(() => expect((field.getRootNode() as ShadowRoot).activeElement).toBe(field));
});

test("links with other schemes are not rendered", async () => {
  const links = ["javascript:alert(1)", "//altrove.example", "http://altrove.example", "/faq", "mailto:a@b.it", "tel:112"];
  await offer({ ...consent }, bot("m2", { links: links.map((href) => ({ title: href, href })) }));
  await find(widget, "a", "/faq");
  expect(findAll(widget, "[data-id=m2] a").map((link) => link.getAttribute("href"))).toEqual(["tel:112", "/faq", "mailto:a@b.it"]);
});

test("the ready-made mail is copied whole, and stays usable after another answer", async () => {
  const writeText = vi.fn().mockResolvedValue(undefined);
  vi.stubGlobal("navigator", { ...navigator, clipboard: { writeText } });
  await offer(mail, citizen("c1", "ciao"), bot("m2"));
  await press(widget, "Copia il messaggio");
  await until(() => expect(writeText).toHaveBeenCalledWith("A: casella@example.it\nOggetto: Richiesta\n\nNon riesco a entrare."));
  expect((await find<HTMLAnchorElement>(widget, "intercup-mail a.link")).href).toMatch(/^mailto:casella/);
});

test("without a clipboard the mail's text is selected, to be copied by hand", async () => {
  vi.stubGlobal("navigator", { ...navigator, clipboard: undefined });
  await offer(mail);
  await press(widget, "Copia il messaggio");
  const body = await find<HTMLTextAreaElement>(widget, "intercup-mail textarea");
  await until(() => expect(body.selectionEnd).toBe(body.value.length));
});
