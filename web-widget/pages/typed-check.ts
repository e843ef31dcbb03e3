/** Check what is typed in a form of the desk by the server's own rules. */

const ASK_AFTER = 800; // ms without typing

/** Return the server's problem with the form as it is; empty if there is none, null without an answer. */
async function problemOf(form: HTMLFormElement, signal: AbortSignal): Promise<string | null> {
  const body = new URLSearchParams();
  for (const [name, value] of new FormData(form)) if (typeof value === "string") body.append(name, value);
  body.set("action", "check");
  // The buttons of the form are named "action" too.
  const answer = await fetch(form.getAttribute("action") ?? "", { method: "POST", body, signal });
  if (!answer.headers.get("Content-Type")?.startsWith("application/json")) return null; // the session has ended
  const { problem } = (await answer.json()) as { problem: string };
  return problem;
}

function attachCheck(textarea: HTMLTextAreaElement, form: HTMLFormElement, said: HTMLElement): void {
  let timer = 0;
  let asking = new AbortController();
  const stop = (): void => {
    window.clearTimeout(timer);
    asking.abort();
    asking = new AbortController();
  };
  const ask = async (): Promise<void> => {
    const { signal } = asking;
    try {
      const problem = await problemOf(form, signal);
      if (problem === null || signal.aborted) return;
      said.textContent = problem || (said.dataset["right"] ?? "");
      said.classList.toggle("error-text", problem !== "");
    } catch {
      // Without an answer the form says it when it is sent.
    }
  };
  textarea.addEventListener("input", () => {
    stop();
    timer = window.setTimeout(() => void ask(), ASK_AFTER);
  });
  form.addEventListener("submit", stop);
}

/** Attach a check to every textarea of the page that names its element in data-check. */
export function attachTypedChecks(): void {
  for (const textarea of document.querySelectorAll<HTMLTextAreaElement>("textarea[data-check]")) {
    const said = document.getElementById(textarea.dataset["check"] ?? "");
    if (said && textarea.form) attachCheck(textarea, textarea.form, said);
  }
}
