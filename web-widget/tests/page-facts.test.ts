import { afterEach, expect, test, vi } from "vitest";

import { browserName, factsIn, pageFacts, screenSize } from "../src/page-facts.js";
import { factTexts } from "../src/texts.js";

const CHROME = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.6778.86 Safari/537.36";

afterEach(() => void vi.unstubAllGlobals());

test.each([
  [CHROME, "Chrome 131"],
  [`${CHROME} Edg/131.0.2903.51`, "Edge 131"],
  [`${CHROME} OPR/115.0.0.0`, "Opera 115"],
  ["Mozilla/5.0 (Linux; Android 14; SM-S921B) AppleWebKit/537.36 SamsungBrowser/27.0 Chrome/125.0.0.0 Mobile Safari/537.36", "Samsung Internet 27"],
  ["Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0", "Firefox 133"],
  ["Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 Version/18.1 Mobile/15E148 Safari/604.1", "Safari 18"],
  ["Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 CriOS/131.0.6778.73 Safari/604.1", "Chrome 131"],
  ["<script>Chrome/99999999</script>", "Chrome 9999"],
  ["", ""],
])("of a browser only its name and its version are told: %s", (agent, expected) => {
  expect(browserName(agent)).toBe(expected);
});

test("a screen has one of three sizes", () => {
  expect([320, 599, 600, 991, 992].map(screenSize)).toEqual(
    [factTexts.small, factTexts.small, factTexts.medium, factTexts.medium, factTexts.large],
  );
});

test.each([
  ["https://cup.example.it", "/asp/prenota", "", "https://cup.example.it/asp/prenota"],
  ["https://a.it", "/assistenza", "https://a.it/prenota?structure=ao_papardo#x", "https://a.it/prenota"],
  ["https://a.it", "/assistenza", "https://a.it/inoltra/segreto", undefined],
  ["https://a.it", "/assistenza", "https://a.it/richieste/IC-1", undefined],
  ["https://a.it", "/assistenza", "https://a.it.altrove.example/prenota", undefined],
  ["https://a.it", "/assistenza", "https://idp.example/", undefined],
  ["https://a.it", "/assistenza", "", undefined],
])("the address is the page's, or on the request's own page that of a known one: %s%s after %s", (origin, pathname, referrer, expected) => {
  vi.stubGlobal("location", { origin, pathname });
  vi.stubGlobal("document", { referrer });
  const [first] = pageFacts("").split("\n");
  expect(first).toBe(expected ? `Pagina: ${expected}` : first);
  expect(first!.startsWith("Pagina")).toBe(Boolean(expected));
});

test("the facts are shown in another language, with each value in one piece", () => {
  const words = { Schermo: "Screen", [factTexts.small]: "small", Pagina: "Page" };
  const facts = `Pagina: https://a.it/a: b\nBrowser: Chrome 131\nSchermo: ${factTexts.small}`;
  expect(factsIn(words, facts)).toBe("Page: \u2068https://a.it/a: b\u2069\nBrowser: Chrome 131\nScreen: \u2068small\u2069");
  expect(factsIn({}, facts)).toBe(facts);
});

test("an address that goes on and on is cut, and an unknown structure has no line", () => {
  vi.stubGlobal("location", { origin: "https://a.it", pathname: `/${"x".repeat(999)}` });
  const lines = pageFacts("").split("\n");
  expect(lines[0]!.length).toBe("Pagina: ".length + 200);
  expect(lines.some((line) => line.startsWith("Struttura"))).toBe(false);
  expect(pageFacts("A.O. Papardo")).toContain("\nStruttura: A.O. Papardo\n");
});
