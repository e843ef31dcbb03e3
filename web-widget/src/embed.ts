import { insertRules } from "./styles/insert-rules.js";
import { colours, launcherPath, launcherStyle } from "./styles/launcher.js";
import { launcherText, type Sentences } from "./texts.js";
import type { Language } from "./types.js";

/**
 * Entry point of the script tag: the launcher alone; the chat's script comes when it is first used. One tag is
 * enough: a page without the element gets one, with the attributes `page` and `structure` from the script's URL:
 * `assistenza.js?page=booking&structure=ao_papardo`.
 */
declare const CHAT_SCRIPT: string; // The chat's file, with a hash of its content.
declare const FILES_SCRIPT: string;

const FONT = "Titillium Web";
const ITALIAN = "it";
const LOAD_AGAIN = 10_000; // milliseconds
const SVG = "http://www.w3.org/2000/svg";
const address = new URL(import.meta.url);
const widget = document.querySelector("intercup-assistenza") ?? addWidget();
const { trustedTypes } = window as unknown as { trustedTypes?: { createPolicy(name: string, rules: Policy): Policy } };
const policy = trustedTypes?.createPolicy("intercup-assistenza", { createScriptURL: String });
let loading = false;
let pressed = false;

function addWidget(): Element {
  const added = document.createElement("intercup-assistenza");
  for (const name of ["page", "structure"]) {
    const value = address.searchParams.get(name);
    if (value) added.setAttribute(name, value);
  }
  return document.body.appendChild(added);
}

/** Load the chat, after the page's sentences for it; without them it speaks Italian. */
function load(): void {
  if (loading) return;
  loading = true;
  const lang = widget.getAttribute("lang") ?? ITALIAN;
  speak({ lang, texts: widget.getAttribute("texts") ?? "" }).then(loadChat, loadChat);
}

/** Give the chat a language's sentences; it has the Italian ones. */
async function speak({ lang, texts }: Language): Promise<void> {
  const spoken = widget as Element & { sentences?: Sentences };
  if (lang === (spoken.sentences?.lang ?? ITALIAN)) return;
  const isItalian = lang === ITALIAN || !texts;
  spoken.sentences = isItalian ? undefined : ((await (await fetch(new URL(texts, address).href)).json()) as Sentences);
}

function loadChat(): void {
  const script = addScript(CHAT_SCRIPT);
  script.onload = () => {
    if (!("toggle" in widget)) leadToForm();
    // The launcher may have been pressed while the chat was already loading.
    else if (pressed && !widget.hasAttribute("open")) (widget as unknown as { toggle(): void }).toggle();
  };
  script.onerror = leadToForm;
}

/** Add a script. Not by import(), which Firefox before 67 can't parse. */
function addScript(file: string): HTMLScriptElement {
  const script = document.createElement("script");
  script.type = "module";
  const { href } = new URL(file, address);
  script.src = policy ? policy.createScriptURL(href) : href;
  return document.head.appendChild(script);
}

/** Load what draws a summary's files; browsers may remember a failure by the address. */
function loadFiles(again: number): void {
  const mark = again ? `&again=${again}` : "";
  addScript(FILES_SCRIPT + mark).onerror = () => setTimeout(() => loadFiles(again + 1), LOAD_AGAIN);
}

interface Policy {
  createScriptURL(url: string): string;
}

/** Put a link to the plain form in the launcher's place: the chat can't run here. */
function leadToForm(): void {
  const button = widget.shadowRoot?.querySelector("button");
  if (!button) return;
  const link = document.createElement("a");
  link.className = "launcher";
  link.href = "/assistenza";
  link.append(...Array.from(button.childNodes));
  button.parentNode!.replaceChild(link, button);
  link.focus();
}

/** Draw the launcher as the widget itself will. */
function showLauncher(): void {
  const root = widget.attachShadow({ mode: "open" });
  insertRules(root, colours + launcherStyle);
  const layer = root.appendChild(document.createElement("div"));
  layer.className = "layer";
  layer.lang = widget.getAttribute("lang") ?? ITALIAN;
  layer.dir = widget.getAttribute("dir") ?? "ltr";
  const button = layer.appendChild(document.createElement("button"));
  button.className = "launcher";
  button.type = "button";
  button.setAttribute("aria-expanded", "false");
  button.append(icon(), widget.querySelector(".launcher-instead")?.textContent ?? launcherText);
  button.addEventListener("click", () => {
    pressed = true;
    load();
  });
  if (layer.showPopover) {
    layer.popover = "manual";
    layer.showPopover();
  }
}

function icon(): Element {
  const drawing = document.createElementNS(SVG, "svg");
  drawing.setAttribute("viewBox", "0 0 24 24");
  drawing.setAttribute("aria-hidden", "true");
  drawing.appendChild(document.createElementNS(SVG, "path")).setAttribute("d", launcherPath);
  return drawing;
}

/** The panel was left open on the page before. */
function wasOpen(): boolean {
  try {
    return JSON.parse(sessionStorage.getItem("intercup-assistenza") ?? "{}").open === true;
  } catch {
    return false;
  }
}

// The script may be included twice, by the page and by its content manager.
if (!widget.shadowRoot) {
  if (widget.getAttribute("mode") === "inline") load();
  else showLauncher();
  if (wasOpen()) load();
}

// Without them, until the next answer, it goes on as before.
widget.addEventListener("language", ({ detail }: CustomEventInit<Language>) => detail && void speak(detail).catch(() => undefined));
widget.addEventListener("files", () => loadFiles(0), { once: true });

// A font can't be declared in a shadow root; the browser loads it only when text uses it.
if (![...document.fonts].some(({ family }) => family.includes(FONT))) {
  for (const [weight, file] of Object.entries({ 400: "regular", 600: "600", 700: "700" })) {
    const font = new URL(`fonts/titillium-web-v10-latin-ext_latin-${file}.woff2`, address);
    document.fonts.add(new FontFace(FONT, `url(${font.href})`, { weight, display: "swap" }));
  }
}
