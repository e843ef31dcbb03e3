/** Take an error of the request's form away once its field is right. */
export function attachMendedErrors(): void {
  const form = document.querySelector<HTMLFormElement>("#request-form");
  const invalid = form?.querySelectorAll<Control>("[aria-invalid=true]") ?? [];
  // What is right for the browser, such as a doubt or a telephone number, only the server can judge.
  let wrong = [...invalid].filter((control) => !isRight(control));
  form?.addEventListener("input", ({ target }) => {
    const place = topOf(target);
    wrong.filter(isRight).forEach(takeAway);
    wrong = wrong.filter((control) => control.hasAttribute("aria-invalid"));
    // What is being typed stays where it is.
    scrollBy({ top: topOf(target) - place, behavior: "instant" });
  });
  document.getElementById("errori")?.addEventListener("click", ({ target }) => {
    const linked = target instanceof HTMLAnchorElement && document.getElementById(target.hash.slice(1));
    // The link's own step would put the cursor before the text.
    if (linked instanceof HTMLTextAreaElement) setTimeout(() => linked.setSelectionRange(linked.value.length, linked.value.length));
  });
}

type Control = HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement;

function topOf(target: EventTarget | null): number {
  return target instanceof Element ? target.getBoundingClientRect().top : 0;
}

function isRight(control: Control): boolean {
  if (!(control instanceof HTMLTextAreaElement)) return control.validity.valid;
  // The browser judges a length only after the citizen's own change, and not as the server does.
  const length = [...control.value.trim()].length;
  return length >= control.minLength && length <= Number(control.dataset.max);
}

function takeAway(control: Control): void {
  const error = document.getElementById(`${control.id}-error`);
  const others = (control.getAttribute("aria-describedby") ?? "").split(" ").filter((id) => id !== error?.id);
  control.removeAttribute("aria-invalid");
  control.setAttribute("aria-describedby", others.join(" "));
  control.closest(".has-error")?.classList.remove("has-error");
  error?.remove();

  const line = document.querySelector(`#errori a[href="#${control.id}"]`)?.closest("li");
  const list = line?.parentElement;
  line?.remove();
  const count = document.getElementById("errors-count");
  if (!list || !count) return;
  count.textContent = String(list.children.length);
  if (list.children.length === 0) [list, count.parentElement].forEach((part) => part?.remove());
}
