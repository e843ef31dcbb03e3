import { pageFacts } from "../src/page-facts.js";

/** Show in the form what the page knows; it goes along unless the citizen takes the mark away. */
export function attachPageFacts(): void {
  const part = document.querySelector<HTMLElement>("#page-facts");
  const box = part?.querySelector<HTMLInputElement>("[type=checkbox]");
  const offered = part?.querySelector<HTMLInputElement>("[type=hidden]");
  const list = part?.querySelector("#page-facts-list");
  if (!part || !box || !offered || !list) return;
  const { sent, structure = "" } = part.dataset;
  box.value = list.textContent = sent || pageFacts(structure);
  // A form that comes back keeps what was decided in it.
  box.checked = Boolean(sent) || part.dataset.offered === undefined;
  offered.disabled = part.hidden = false;
}
