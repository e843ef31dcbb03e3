/** Count the characters of each textarea that names its counter in data-counter. */

const MAX_CHARACTERS = 2000;
const ANNOUNCE_AFTER = 1000; // ms without typing

const italian = new Intl.NumberFormat("it-IT", { useGrouping: "always" } as Intl.NumberFormatOptions);

function characters(count: number): string {
  return `${italian.format(count)} ${count === 1 ? "carattere" : "caratteri"}`;
}

function counterText(length: number): string {
  return length <= MAX_CHARACTERS
    ? `${characters(length)} su ${italian.format(MAX_CHARACTERS)}`
    : `${characters(length - MAX_CHARACTERS)} di troppo`;
}

function attachCounter(textarea: HTMLTextAreaElement, counter: HTMLElement): void {
  const visible = counter.querySelector<HTMLElement>("[data-visible]");
  const spoken = counter.querySelector<HTMLElement>("[data-spoken]");
  if (!visible || !spoken) return;
  let timer = 0;
  const show = (): string => {
    // The server counts code points, and so does the spread.
    const length = [...textarea.value].length;
    const text = counterText(length);
    visible.textContent = text;
    counter.classList.toggle("counter-over", length > MAX_CHARACTERS);
    return text;
  };
  textarea.addEventListener("input", () => {
    const text = show();
    window.clearTimeout(timer);
    timer = window.setTimeout(() => (spoken.textContent = text), ANNOUNCE_AFTER);
  });
  show();
}

/** Count in every such textarea of the page. */
export function attachCounters(): void {
  for (const textarea of document.querySelectorAll<HTMLTextAreaElement>("textarea[data-counter]")) {
    const counter = document.getElementById(textarea.dataset["counter"] ?? "");
    if (counter) attachCounter(textarea, counter);
  }
}
