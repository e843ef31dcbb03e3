import { belongsToInputMethod } from "../keys.js";
import { factsIn } from "../page-facts.js";
import { insertRules } from "../styles/insert-rules.js";
import { otherTabs } from "../tabs.js";
import { fileTexts as texts, fill, italianFileTexts, type Sentences } from "../texts.js";
import type { Answer, FilesInput, SummaryInput } from "../types.js";
import { FileQueue, type KeptFile, type Upload } from "./queue.js";

const ACCEPTED = "image/png,image/jpeg,application/pdf";
const PREVIEW = 88; // pixels, twice as many as shown
const css = String.raw;
const style = css`
  intercup-files { display: grid; gap: 8px; justify-items: start; }
  .files { display: grid; gap: 4px; width: 100%; }
  .files li { display: flex; flex-wrap: wrap; align-items: center; gap: 4px 12px; padding: 4px 0; border-top: 1px solid var(--line); }
  .files canvas { width: 44px; height: 44px; border: 1px solid var(--line); }
  .files span { flex: 1 1 96px; min-width: 0; overflow-wrap: anywhere; }
  .files progress { flex-basis: 100%; height: 8px; }
  .files button { margin-left: auto; margin-inline: auto 0; }
  .files button + button { margin-left: 0; margin-inline: 0; }
  .facts { margin-top: 8px; font-size: 15px; overflow-wrap: anywhere; white-space: pre-line; }
  .leave { display: flex; align-items: center; min-height: 44px; }
  .leave input { width: 24px; height: 24px; margin: 0 12px 0 0; margin-inline: 0 12px; accent-color: var(--primary); }
`;

let queue: FileQueue | undefined;
const tabs = otherTabs("intercup-files");
const previews = new WeakMap<File, HTMLCanvasElement>();

/**
 * The files of a summary: chosen, sent and taken away. It has no root of its own, so the summary's style is its, too.
 *
 * @event say - A sentence to read out; detail: the sentence.
 */
class IntercupFiles extends HTMLElement {
  input?: FilesInput;

  private readonly list = element("ul", { className: "files" });
  private readonly problem = element("p", { className: "error" });
  private readonly picker = element("input", { type: "file", accept: ACCEPTED, multiple: true, hidden: true });
  private readonly button = element("button", { type: "button", className: "button" });
  private readonly box = element("input", { type: "checkbox", id: "facts" });
  private bar?: HTMLProgressElement;
  /** The press that goes on once the files are there. */
  private press?: () => void;

  connectedCallback(): void {
    const { input } = this;
    if (!input) return;
    const widget = document.querySelector<HTMLElement & { sentences?: Sentences }>("intercup-assistenza")!;
    Object.assign(texts, italianFileTexts, widget.sentences && widget.sentences.files);
    if (queue?.input.draft !== input.draft) queue = new FileQueue(input, widget.getAttribute("base-url") ?? "");
    for (const [type, listener] of this.listeners) queue.addEventListener(type, listener);
    for (const type of ["click", "keydown"]) window.addEventListener(type, this.hold, true);
    window.addEventListener("answer", this.giveFacts, true);
    this.setAttribute("role", "group");
    this.setAttribute("aria-labelledby", input.most ? "files-label" : "facts-label");
    this.list.setAttribute("role", "list");
    this.button.setAttribute("aria-describedby", "files-hint");
    this.button.textContent = input.add;
    this.button.onclick = () => this.picker.click();
    this.picker.onchange = this.choose;
    this.textContent = "";
    insertRules(this, style);
    if (input.most) this.append(...this.filesView(input));
    this.append(this.factsView(input));
    this.draw();
    void queue.load();
  }

  disconnectedCallback(): void {
    for (const [type, listener] of this.listeners) queue?.removeEventListener(type, listener);
    for (const type of ["click", "keydown"]) window.removeEventListener(type, this.hold, true);
    window.removeEventListener("answer", this.giveFacts, true);
  }

  private filesView({ optional, hint }: FilesInput): HTMLElement[] {
    const label = element("p", { className: "label", id: "files-label" }, optional);
    const about = element("p", { className: "hint", id: "files-hint" }, hint);
    return [label, about, this.list, this.problem, this.picker, this.button];
  }

  /** What the page knows, shown before it goes along, and how to leave it out. */
  private factsView({ structure }: FilesInput): HTMLElement {
    queue!.showFacts(structure);
    this.box.checked = !queue!.leavesOut;
    this.box.onchange = () => (queue!.leavesOut = !this.box.checked);
    this.box.setAttribute("aria-describedby", "facts-list facts-hint");
    return element(
      "div",
      {},
      element("p", { className: "label", id: "facts-label" }, texts.facts),
      element("p", { className: "facts", id: "facts-list" }, factsIn(texts.words, queue!.facts)),
      element("label", { className: "leave" }, this.box, texts.sendFacts),
      element("p", { className: "hint", id: "facts-hint" }, texts.factsHint),
    );
  }

  private readonly draw = (): void => {
    const { kept, uploads, problem } = queue!;
    const active = (this.getRootNode() as ShadowRoot).activeElement;
    const focused = this.list.contains(active) ? active!.textContent : "";
    this.bar = undefined;
    this.list.textContent = "";
    this.list.append(...kept.map((file) => this.keptRow(file)), ...uploads.map((upload) => this.uploadRow(upload)));
    this.list.hidden = !this.list.firstChild;
    this.explain(problem);
    if (!focused) return;
    const again = Array.from(this.list.querySelectorAll("button")).find(({ textContent }) => textContent === focused);
    (again ?? this.button).focus({ preventScroll: true });
  };

  private keptRow(file: KeptFile): HTMLElement {
    const chosen = queue!.chosen.get(file.id);
    const row = element("li", {}, element("span", {}, `${file.name}, ${file.size}`));
    if (chosen) row.prepend(previewOf(chosen));
    row.append(button(texts.remove, file.name, () => void queue!.remove(file)));
    return row;
  }

  private uploadRow(upload: Upload): HTMLElement {
    const { file, problem, canRetry } = upload;
    if (problem) {
      const row = element("li", {}, element("span", { className: "error" }, problem));
      if (canRetry) row.append(button(texts.retry, file.name, () => queue!.retry(upload)));
      row.append(button(texts.remove, file.name, () => queue!.drop(upload)));
      return row;
    }
    const bar = element("progress", { max: 1, value: 0 });
    bar.setAttribute("aria-label", fill(texts.loading, file.name));
    if (upload === queue!.current) this.bar = bar;
    const stop = button(texts.stop, file.name, () => queue!.drop(upload));
    return element("li", {}, previewOf(file), element("span", {}, file.name), stop, bar);
  }

  private explain(problem: string): void {
    this.problem.textContent = problem;
    this.problem.hidden = !problem;
  }

  private say(sentence: string): void {
    this.dispatchEvent(new CustomEvent("say", { detail: sentence, bubbles: true, composed: true }));
  }

  private readonly choose = (): void => {
    queue!.add(Array.from(this.picker.files ?? []));
    this.picker.value = ""; // The same file can be chosen again.
  };

  /** The facts in sight go with "Invia" and with a text, of which only the service knows if it sends the request. */
  private readonly giveFacts = (event: Event): void => {
    const answer = (event as CustomEvent<Answer | undefined>).detail;
    const { host } = this.getRootNode() as ShadowRoot;
    const { send } = (host as HTMLElement & { input: SummaryInput }).input;
    if (answer && this.box.checked && (answer.payload ?? send.payload) === send.payload) answer.page_facts = queue!.facts;
  };

  /** A request sent now would go without the file under way, or with what is being taken away. */
  private readonly hold = (event: Event): void => {
    const press = pressOf(event);
    if (!press || !queue?.busy) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    this.press = press;
    this.explain(texts.wait);
    this.say(texts.wait);
  };

  /** Go on with a press that waited for files; one that has got a problem is the citizen's to decide. */
  private changed(): void {
    const { press } = this;
    if (!press || queue!.busy) return;
    this.press = undefined;
    // In a task of its own: a file kept too late is taken away first, which holds the press again.
    if (!queue!.uploads.length) setTimeout(() => this.isConnected && press());
  }

  private readonly listeners: [string, (event: Event) => void][] = [
    ["change", this.draw],
    ["change", () => this.changed()],
    ["progress", (event) => this.bar && (this.bar.value = (event as CustomEvent<number>).detail)],
    ["say", (event) => this.say((event as CustomEvent<string>).detail)],
    ["stored", () => tabs?.postMessage("stored")],
  ];
}

/** The press of "Invia", or of what is written in the composer, which may say the same; to be repeated. */
function pressOf(event: Event): (() => void) | undefined {
  const path = event.composedPath().filter((each): each is HTMLElement => each instanceof HTMLElement);
  const composer = path.find((each) => each.matches("intercup-composer"));
  const isKey = event.type === "keydown";
  const { key, shiftKey } = event as KeyboardEvent;
  // A key on a button clicks it, too.
  if (isKey && (!composer || key !== "Enter" || shiftKey || belongsToInputMethod(event as KeyboardEvent))) return undefined;
  const button = composer ? composer.shadowRoot!.querySelector("button") : path[0]?.closest<HTMLElement>("button");
  const isSending = isKey || (composer ? path[0]?.closest("button") : button?.matches(".bar .primary"));
  return isSending ? () => button?.click() : undefined;
}

function element<K extends keyof HTMLElementTagNameMap>(
  name: K,
  properties: Partial<HTMLElementTagNameMap[K]>,
  ...children: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

function button(title: string, about: string, press: () => void): HTMLElement {
  const name = element("span", { className: "sr" }, ` ${about}`);
  return element("button", { type: "button", className: "plain", onclick: press }, title, name);
}

/** A small picture of a chosen image; drawn, as the policy allows no blob's address. */
function previewOf(file: File): HTMLElement {
  const known = previews.get(file);
  if (known) return known;
  const canvas = element("canvas", { width: PREVIEW, height: PREVIEW, hidden: true });
  canvas.setAttribute("aria-hidden", "true");
  previews.set(file, canvas);
  if (file.type.startsWith("image/")) draw(file, canvas).catch(() => undefined); // The name says enough.
  return canvas;
}

async function draw(file: File, canvas: HTMLCanvasElement): Promise<void> {
  const image = await createImageBitmap(file); // Safari before 15 lacks it.
  const scale = PREVIEW / Math.max(image.width, image.height);
  const [width, height] = [image.width * scale, image.height * scale];
  canvas.getContext("2d")?.drawImage(image, (PREVIEW - width) / 2, (PREVIEW - height) / 2, width, height);
  image.close();
  canvas.hidden = false;
}

window.addEventListener("online", () => queue?.resume());
tabs?.addEventListener("message", () => void queue?.load());
// The script may be included twice, by the page and by its content manager.
if (!customElements.get("intercup-files")) customElements.define("intercup-files", IntercupFiles);
