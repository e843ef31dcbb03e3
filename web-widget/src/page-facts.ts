import { factTexts as texts } from "./texts.js";

const ADDRESS_MAX = 200; // characters
const PHONE = 600; // pixels; narrower screens are like a phone's
const TABLET = 992;
// Pages of this service without a number, name or secret in their address.
const OURS = /^\/(?:prenota|portale)?$/;
/** Browsers by the mark that those before don't have. */
const BROWSERS: [string, RegExp][] = [
  ["Edge", /Edg(?:A|iOS)?\/(\d{1,4})/],
  ["Opera", /OPR\/(\d{1,4})/],
  ["Samsung Internet", /SamsungBrowser\/(\d{1,4})/],
  ["Firefox", /(?:Firefox|FxiOS)\/(\d{1,4})/],
  ["Chrome", /(?:Chrome|CriOS)\/(\d{1,4})/],
  ["Safari", /Version\/(\d{1,4})/],
];

/**
 * What the page knows about where a problem was seen, a line each: no more than an office can use, and nothing that
 * tells one citizen from another. The citizen sees this text before it is sent, in the page's language. The form's page has the time
 * from the server: in the browser it costs a phone 40 ms while the page opens.
 */
export function pageFacts(structure: string, time = italianTime(new Date())): string {
  const facts: [string, string][] = [
    [texts.page, pageAddress()],
    [texts.structure, structure],
    [texts.browser, browserName(navigator.userAgent)],
    [texts.screen, screenSize(innerWidth)],
    [texts.time, time],
  ];
  return facts.flatMap(([label, value]) => (value ? [`${label}: ${value}`] : [])).join("\n");
}

/** The facts in the words of another language, by the Italian ones, which the office reads. */
export function factsIn(words: Record<string, string>, facts: string): string {
  return facts.replace(/^(.*?): (.*)/gm, (line: string, label: string, fact: string) =>
    words[label] ? `${words[label]}: \u2068${words[fact] || fact}\u2069` : line,
  );
}

/** The page with the problem: this one; on the page of the request the one before, if it is a known one of ours. */
function pageAddress(): string {
  const { origin, pathname } = location;
  if (pathname !== "/assistenza") return (origin + pathname).slice(0, ADDRESS_MAX);
  const before = document.referrer.split(/[?#]/)[0]!;
  return before.startsWith(`${origin}/`) && OURS.test(before.slice(origin.length)) ? before : "";
}

export function browserName(agent: string): string {
  for (const [name, mark] of BROWSERS) {
    const version = mark.exec(agent)?.[1];
    if (version) return `${name} ${version}`;
  }
  return "";
}

export function screenSize(width: number): string {
  return width < PHONE ? texts.small : width < TABLET ? texts.medium : texts.large;
}

function italianTime(now: Date): string {
  const shown = { day: "2-digit", month: "2-digit", year: "numeric", hour: "2-digit", minute: "2-digit" } as const;
  return now.toLocaleString("it-IT", { ...shown, timeZone: "Europe/Rome" });
}
