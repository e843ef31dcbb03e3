import { factsIn, pageFacts } from "../src/page-facts.js";

const FIRST_SHOWN = "intercup-form-facts"; // in sessionStorage: the form's key, and its facts

/** Show in the form what the page knows; it goes along with "Invia" unless the citizen takes the mark away. */
export function attachPageFacts(): void {
  const part = document.querySelector<HTMLElement>("#page-facts");
  const form = part?.closest("form");
  const key = form?.querySelector<HTMLInputElement>("[name=submission_key]")?.value;
  const box = part?.querySelector<HTMLInputElement>("[type=checkbox]");
  const offered = part?.querySelector<HTMLInputElement>("[type=hidden]");
  const list = part?.querySelector("#page-facts-list");
  if (!part || !form || !key || !box || !offered || !list) return;
  const { sent, structure = "", time = "", words = "{}" } = part.dataset;
  box.value = sent || firstShown(key, pageFacts(structure, time));
  list.textContent = factsIn(JSON.parse(words) as Record<string, string>, box.value);
  // A form that comes back keeps what was decided in it.
  box.checked = Boolean(sent) || part.dataset.offered === undefined;
  offered.disabled = part.hidden = false;
  document.addEventListener("click", ({ target }) => {
    const button = target instanceof Element && target.closest("button");
    if (button && button.form === form && button.name && box.checked) leaveOutOnce([box, offered]);
  });
}

/** What was first shown in this form: when it comes back, the page before it is another one. */
function firstShown(key: string, facts: string): string {
  try {
    const [known, ...lines] = (sessionStorage.getItem(FIRST_SHOWN) ?? "").split("\n");
    if (known === key) return lines.join("\n");
    sessionStorage.setItem(FIRST_SHOWN, `${key}\n${facts}`);
  } catch {
    // Storage may be full or forbidden: the page knows less of the one before.
  }
  return facts;
}

/** Another button than "Invia" sends the form without them; the page may stay, or come back as it was. */
function leaveOutOnce(controls: HTMLInputElement[]): void {
  for (const control of controls) control.disabled = true;
  setTimeout(() => controls.forEach((control) => (control.disabled = false)));
}
