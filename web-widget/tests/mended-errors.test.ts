import { beforeEach, expect, test, vi } from "vitest";

import { attachMendedErrors } from "../pages/mended-errors.js";

const PAGE = `
  <div id="errori">
    <p>Dati da controllare: <span id="errors-count">3</span></p>
    <ul>
      <li><a href="#category">manca</a></li>
      <li><a href="#description">corta</a></li>
      <li><a href="#phone">non è un numero</a></li>
    </ul>
  </div>
  <form id="request-form">
    <div class="field has-error">
      <p id="category-error">manca</p>
      <select id="category" required aria-describedby="category-error" aria-invalid="true">
        <option value=""></option><option value="platform">Altro</option>
      </select>
    </div>
    <div class="field has-error">
      <p id="description-error">corta</p>
      <textarea id="description" minlength="10" data-max="20" aria-describedby="description-error description-hint" aria-invalid="true">corto</textarea>
    </div>
    <div class="field has-error">
      <p id="phone-error">non è un numero</p>
      <input id="phone" value="nessuno" aria-describedby="phone-error" aria-invalid="true">
    </div>
  </form>`;

const errors = (): string[] => [...document.querySelectorAll("[id$=-error]")].map((error) => error.id);
const lines = (): string[] => [...document.querySelectorAll("#errori a")].map((line) => line.getAttribute("href")!);

function fill(id: string, value: string): HTMLElement {
  const control = document.querySelector<HTMLTextAreaElement>(`#${id}`)!;
  control.value = value;
  control.dispatchEvent(new Event("input", { bubbles: true }));
  return control;
}

beforeEach(() => {
  document.body.innerHTML = PAGE;
  attachMendedErrors();
});

test("an error goes with its line once the field is right", () => {
  const category = fill("category", "platform");
  expect(errors()).toEqual(["description-error", "phone-error"]);
  expect(lines()).toEqual(["#description", "#phone"]);
  expect(document.querySelector("#errors-count")!.textContent).toBe("2");
  expect(category.hasAttribute("aria-invalid")).toBe(false);
  expect(category.closest(".has-error")).toBeNull();
});

test.each([["ancora cort", true], [" ancora  ", false], ["x".repeat(21), false]])("a text is right by the server's count: %s", (text, isRight) => {
  const description = fill("description", text);
  expect(lines().includes("#description")).toBe(!isRight);
  if (isRight) expect(description.getAttribute("aria-describedby")).toBe("description-hint");
});

test("an error that only the server can judge stays until the next sending", () => {
  fill("phone", "091 123456");
  expect(errors()).toContain("phone-error");
});

test("what is typed stays in its place when the error above goes", () => {
  const description = document.querySelector("#description")!;
  const isWrong = (): boolean => document.querySelector("#description-error") !== null;
  vi.spyOn(description, "getBoundingClientRect").mockImplementation(() => new DOMRect(0, isWrong() ? 300 : 145, 0, 0));
  const scrolled = vi.spyOn(window, "scrollBy").mockImplementation(() => {});
  fill("description", "abbastanza lunga");
  expect(scrolled).toHaveBeenLastCalledWith({ top: -155, behavior: "instant" });
});

test("an error's link puts the cursor behind the text", () => {
  vi.useFakeTimers();
  const description = document.querySelector<HTMLTextAreaElement>("#description")!;
  description.setSelectionRange(0, 0);
  document.querySelector<HTMLElement>("#errori a[href='#description']")!.click();
  vi.runAllTimers();
  expect(description.selectionStart).toBe("corto".length);
  vi.useRealTimers();
});
