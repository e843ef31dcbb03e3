import { vi } from "vitest";

import "../src/define.js";
import type { IntercupAssistenza } from "../src/element.js";

const PATIENCE = 10_000; // milliseconds, for a busy machine

/** Wait until a check passes. */
export function until<T>(check: () => T | Promise<T>): Promise<T> {
  return vi.waitFor(check, { timeout: PATIENCE });
}

/** Add the widget to the page and wait until it is rendered. */
export async function addWidget(attributes: Record<string, string>): Promise<IntercupAssistenza> {
  const widget = document.createElement("intercup-assistenza") as IntercupAssistenza;
  for (const [name, value] of Object.entries(attributes)) widget.setAttribute(name, value);
  document.body.append(widget);
  await widget.updateComplete;
  return widget;
}

/** Find all matching elements, also inside shadow roots. */
export function findAll<T extends Element = HTMLElement>(root: Element | ShadowRoot, selector: string): T[] {
  const inside = Array.from(root.querySelectorAll("*")).flatMap((child) =>
    child.shadowRoot ? findAll<T>(child.shadowRoot, selector) : [],
  );
  const own = root instanceof Element && root.shadowRoot ? findAll<T>(root.shadowRoot, selector) : [];
  return [...Array.from(root.querySelectorAll<T>(selector)), ...inside, ...own];
}

/** Wait for the first matching element, with this name or text if given. */
export function find<T extends HTMLElement = HTMLElement>(root: Element, selector: string, name = ""): Promise<T> {
  return until(() => {
    const found = findAll<T>(root, selector).find((element) => nameOf(element).includes(name));
    if (!found) throw new Error(`no ${selector} named "${name}"`);
    return found;
  });
}

export function nameOf(element: Element): string {
  return element.getAttribute("aria-label") ?? element.textContent?.replace(/\s+/g, " ").trim() ?? "";
}

export async function press(root: Element, name: string): Promise<void> {
  (await find(root, "button:not([disabled])", name)).click();
}

/** Write a text into a field, as typing does. */
export function write(field: HTMLInputElement | HTMLTextAreaElement, text: string): void {
  field.value = text;
  field.dispatchEvent(new InputEvent("input", { bubbles: true }));
}

export function pressKey(target: Element, key: string): void {
  target.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, composed: true, cancelable: true }));
}

/** Write in the composer and press Enter. */
export async function say(root: Element, text: string): Promise<void> {
  const field = await find<HTMLTextAreaElement>(root, "#message");
  write(field, text);
  pressKey(field, "Enter");
}
