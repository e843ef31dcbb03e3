/** Count the characters of each textarea that names its counter in data-counter. */

const ANNOUNCE_AFTER = 1000; // ms without typing

/** Return the sentence of the page's language, which the counter's element has. */
function counterText(counter: HTMLElement, length: number, max: number): string {
  const { within = "", beyond = "" } = counter.dataset;
  return length <= max ? within.replace("{count}", grouped(length)) : beyond.replace("{count}", grouped(length - max));
}

/** Format as the page's language does; without Intl, whose first use is dear, where there is nothing to group. */
function grouped(count: number): string {
  return count < 1000 ? String(count) : count.toLocaleString(document.documentElement.lang, { useGrouping: true });
}

function attachCounter(textarea: HTMLTextAreaElement, counter: HTMLElement): void {
  const visible = counter.querySelector<HTMLElement>("[data-visible]");
  const spoken = counter.querySelector<HTMLElement>("[data-spoken]");
  if (!visible || !spoken) return;
  const max = Number(counter.dataset["max"]);
  let timer = 0;
  const show = (): string => {
    // The server counts code points, and so does the spread.
    const length = [...textarea.value].length;
    const text = counterText(counter, length, max);
    visible.textContent = text;
    counter.classList.toggle("counter-over", length > max);
    return text;
  };
  textarea.addEventListener("input", () => {
    const text = show();
    window.clearTimeout(timer);
    timer = window.setTimeout(() => (spoken.textContent = text), ANNOUNCE_AFTER);
  });
  show();
}

/** Attach a counter to every such textarea of the page. */
export function attachCounters(): void {
  for (const textarea of document.querySelectorAll<HTMLTextAreaElement>("textarea[data-counter]")) {
    const counter = document.getElementById(textarea.dataset["counter"] ?? "");
    if (counter) attachCounter(textarea, counter);
  }
}
