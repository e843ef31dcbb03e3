import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { SessionDialog } from "../pages/session-dialog.js";
import { type SessionEnd, SessionWatch } from "../src/session-watch.js";

const HTML = `
  <input id="elsewhere">
  <div id="session-notice" hidden></div>
  <dialog id="session-dialog" role="alertdialog">
    ${["ending", "last", "expired", "none"]
      .map(
        (part) => `<div data-part="${part}" hidden>
          <h2 id="session-${part}">${part}</h2><div id="session-${part}-text"><b data-left="uno|molti {count}"></b></div>
          <p data-failed hidden></p>
          <button class="btn-primary" data-action="${part === "ending" ? "prolong" : "stay"}" type="button">${part}</button>
        </div>`,
      )
      .join("")}
  </dialog>`;

let end: SessionEnd;
let asked: string[];
let watches: SessionWatch[];
let answers: boolean;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date"] });
  document.body.innerHTML = HTML;
  asked = [];
  watches = [];
  answers = true;
  end = { state: "open", seconds_left: 1800, prolongable: true };
  vi.stubGlobal("fetch", async (_: string, { method }: RequestInit) => {
    asked.push(method ?? "GET");
    if (!answers) throw new TypeError("no connection");
    if (method === "POST" && end.state === "open") end = { ...end, seconds_left: 1800 };
    const status = method === "POST" && end.state !== "open" ? 401 : 200;
    return new Response(JSON.stringify(end), { status });
  });
});

afterEach(() => {
  for (const watch of watches) watch.stop();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

async function open(state: Partial<SessionEnd> = {}): Promise<void> {
  Object.assign(end, state);
  const watch = new SessionWatch(new SessionDialog(dialog()));
  watches.push(watch);
  watch.start();
  await vi.advanceTimersByTimeAsync(1);
}

/** Let time pass, here and on the server. */
async function pass(seconds: number): Promise<void> {
  end = { ...end, seconds_left: end.seconds_left - seconds };
  if (end.seconds_left <= 0) end = { state: "expired", seconds_left: 0, prolongable: false };
  await vi.advanceTimersByTimeAsync(seconds * 1000);
}

const dialog = () => document.querySelector<HTMLDialogElement>("#session-dialog")!;
const part = () => (dialog().open ? dialog().querySelector("[data-part]:not([hidden])")?.getAttribute("data-part") : undefined);
const button = () => dialog().querySelector<HTMLButtonElement>("[data-part]:not([hidden]) button")!;
const left = () => dialog().querySelector("[data-part]:not([hidden]) [data-left]")!.textContent;

test("nothing is asked and nothing shown until three minutes before the end", async () => {
  await open();
  await pass(1600);
  expect([asked, part()]).toEqual([["GET"], undefined]);
});

test("the warning names itself, has the focus and counts the minutes", async () => {
  await open({ seconds_left: 200 });
  await pass(21);
  expect(part()).toBe("ending");
  expect(dialog().getAttribute("aria-labelledby")).toBe("session-ending");
  expect(document.activeElement).toBe(button());
  expect(left()).toBe("molti 3");
  await pass(70);
  expect(left()).toBe("molti 2");
  await pass(60);
  expect(left()).toBe("uno");
});

test("the button prolongs the session and the warning goes", async () => {
  await open({ seconds_left: 100 });
  button().click();
  await vi.advanceTimersByTimeAsync(1);
  expect([asked.at(-1), part()]).toEqual(["POST", undefined]);
  await pass(1500);
  expect(part()).toBeUndefined();
});

test("Esc prolongs too: whoever presses it is there", async () => {
  await open({ seconds_left: 100 });
  dialog().dispatchEvent(new Event("cancel", { cancelable: true }));
  await vi.advanceTimersByTimeAsync(1);
  expect([asked.at(-1), part()]).toEqual(["POST", undefined]);
});

test("a prolonging that fails is told, and the dialog stays", async () => {
  await open({ seconds_left: 100 });
  answers = false;
  button().click();
  await vi.advanceTimersByTimeAsync(1);
  expect(part()).toBe("ending");
  expect(dialog().querySelector<HTMLElement>("[data-failed]")!.hidden).toBe(false);
});

test("the absolute end can't be put off, and is said once", async () => {
  await open({ seconds_left: 100, prolongable: false });
  expect(part()).toBe("last");
  button().click();
  expect(part()).toBeUndefined();
  await pass(60);
  expect([asked, part()]).toEqual([["GET"], undefined]);
  await pass(60);
  expect(part()).toBe("expired");
});

test("at the end it says so, once; a notice stays in the page", async () => {
  await open({ seconds_left: 100 });
  await pass(110);
  expect(part()).toBe("expired");
  expect(document.activeElement).toBe(button());
  button().click();
  expect(part()).toBeUndefined();
  expect(document.getElementById("session-notice")!.hidden).toBe(false);
});

test("what has changed meanwhile is seen when the tab is looked at again", async () => {
  await open();
  end = { state: "none", seconds_left: 0, prolongable: false };
  document.dispatchEvent(new Event("visibilitychange"));
  await vi.advanceTimersByTimeAsync(1);
  expect(part()).toBe("none");
  end = { state: "open", seconds_left: 1800, prolongable: true };
  document.dispatchEvent(new Event("visibilitychange"));
  await vi.advanceTimersByTimeAsync(1);
  expect(part()).toBeUndefined();
});

test("without a connection it asks again later and says nothing false", async () => {
  answers = false;
  await open();
  expect(part()).toBeUndefined();
  answers = true;
  end.seconds_left = 120;
  await vi.advanceTimersByTimeAsync(61_000);
  expect(part()).toBe("ending");
});

test("stopped while it asks, it asks no more", async () => {
  const watch = new SessionWatch(new SessionDialog(dialog()));
  watch.start();
  watch.stop();
  await pass(2000);
  expect(asked).toEqual(["GET"]);
});
