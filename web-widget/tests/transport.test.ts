// @vitest-environment node
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { Transport, TransportError } from "../src/transport.js";
import type { Message } from "../src/types.js";
import { bot, ChatServer, reply } from "./chat-server.js";
import { FetchEventSource } from "./event-source.js";
import { until } from "./page.js";

let server: ChatServer;
let base: string;
let transport: Transport;

beforeEach(async () => {
  vi.stubGlobal("EventSource", FetchEventSource);
  server = new ChatServer();
  base = await server.start();
  transport = new Transport(base, "booking", "asp_trapani");
});

afterEach(async () => {
  transport.stop();
  await server.stop();
});

const failure = (promise: Promise<unknown>): Promise<TransportError> =>
  promise.then(
    () => expect.fail("the request should have failed"),
    (error: TransportError) => error,
  );

test("the session is asked for the page and its structure", async () => {
  server.session.messages = [bot("m1")];
  expect(await transport.session()).toEqual(server.session);
  expect(server.received[0]!.path).toBe("/chat/session?page=booking&structure=asp_trapani");
});

test("a page without a structure does not name one", async () => {
  await new Transport(base, "home").session();
  expect(server.received[0]!.path).toBe("/chat/session?page=home");
});

test("a page that shows the chat says so", async () => {
  await new Transport(base, "home").session(false, undefined, true);
  expect(server.received[0]!.path).toBe("/chat/session?page=home&shown=");
});

test("words and payloads are posted as the contract says", async () => {
  server.respond = (_, response) => reply(response, { messages: [bot("m1")] });
  expect(await transport.send({ id: "1", text: "ciao" })).toEqual({ messages: [bot("m1")] });
  await transport.send({ id: "2", payload: "/affirm" });
  expect(server.sent).toEqual([
    { id: "1", text: "ciao" },
    { id: "2", payload: "/affirm" },
  ]);
});

test("forgetting posts an empty object and gives the new session", async () => {
  expect(await transport.forget()).toEqual(server.session);
  expect(server.received).toEqual([{ path: "/chat/forget", body: {} }]);
});

test("a refusal carries status, key, sentence and the wait", async () => {
  server.respond = (_, response) => reply(response, { error: "slow", message: "Attendi." }, 429, { "Retry-After": "7" });
  const error = await failure(transport.send({ id: "1", text: "ciao" }));
  expect(error).toMatchObject({ status: 429, key: "slow", message: "Attendi.", retryAfter: 7000 });
});

test("the wait may be a date", async () => {
  const when = new Date(Date.now() + 60_000).toUTCString();
  server.respond = (_, response) => reply(response, {}, 503, { "Retry-After": when });
  const { retryAfter } = await failure(transport.send({ id: "1", text: "ciao" }));
  expect(retryAfter).toBeGreaterThan(50_000);
  expect(retryAfter).toBeLessThanOrEqual(60_000);
});

test("an error page that is not JSON is still a refusal", async () => {
  server.respond = (_, response) => response.writeHead(502).end("<h1>Bad Gateway</h1>");
  expect(await failure(transport.send({ id: "1", text: "ciao" }))).toMatchObject({ status: 502, message: "" });
});

test("a cut connection is a network failure", async () => {
  server.respond = (_, response) => void response.destroy();
  expect(await failure(transport.send({ id: "1", text: "ciao" }))).toMatchObject({ status: 0, key: "network" });
});

test("a page in place of the JSON is a network failure", async () => {
  server.respond = (_, response) => void response.end("<h1>Accedi al Wi-Fi</h1>");
  expect(await failure(transport.send({ id: "1", text: "ciao" }))).toMatchObject({ status: 0 });
});

test("events bring messages, and tell when the stream was lost and found", async () => {
  const messages: Message[] = [];
  const states: string[] = [];
  transport.listen({
    message: (message) => messages.push(message),
    lost: () => states.push("lost"),
    refused: () => states.push("refused"),
    restored: () => states.push("restored"),
  });
  await until(() => expect(server.listeners).toBe(1));
  server.push(bot("m1"));
  await until(() => expect(messages).toEqual([bot("m1")]));
  server.dropStreams();
  await until(() => expect(states).toEqual(["lost", "restored"]));
});

test("after stop no event comes", async () => {
  const message = vi.fn();
  transport.listen({ message, lost: vi.fn(), refused: vi.fn(), restored: vi.fn() });
  await until(() => expect(server.listeners).toBe(1));
  transport.stop();
  server.push(bot("m1"));
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(message).not.toHaveBeenCalled();
});
