import { pageFacts } from "../page-facts.js";
import { fileTexts as texts, fill } from "../texts.js";
import type { FilesInput } from "../types.js";

const PATH = "/chat/files";
const LEFT_OUT = "intercup-page-facts"; // in sessionStorage: the draft without them
const TIMEOUT = 240_000; // milliseconds; the server gives an upload 180 s, then cleans the file
const FINAL = [409, 413, 415, 422]; // the same file would be refused again

export interface KeptFile {
  id: string;
  name: string;
  size: string;
}

/** A chosen file that isn't kept; with a problem it waits for the citizen. */
export interface Upload {
  file: File;
  problem: string;
  canRetry: boolean;
}

interface Answer {
  status: number;
  files?: KeptFile[];
  message?: string;
}

/**
 * The files of one draft, kept and under way, one at a time; it outlives the summary that shows it.
 *
 * @event change - The files have changed.
 * @event progress - Bytes were sent; detail: the share of the file under way, from 0 to 1.
 * @event say - A sentence to read out; detail: the sentence.
 * @event stored - The server's list has changed.
 */
export class FileQueue extends EventTarget {
  kept: KeptFile[] = [];
  uploads: Upload[] = [];
  problem = "";
  /** The chosen files, by the ids of those kept. */
  readonly chosen = new Map<string, File>();

  /** The page's facts as first shown: the time is that of the problem. */
  facts = "";
  private factsOf?: string; // the structure

  private sending?: { upload: Upload; xhr: XMLHttpRequest };
  private changes = 0; // asked of the server and not answered yet

  constructor(
    readonly input: FilesInput,
    private readonly base: string,
  ) {
    super();
  }

  get leavesOut(): boolean {
    return remembered() === this.input.draft;
  }

  set leavesOut(leaves: boolean) {
    try {
      sessionStorage.setItem(LEFT_OUT, leaves ? this.input.draft : "");
    } catch {
      // Storage may be full or forbidden: after a reload the box has its mark again, in sight.
    }
  }

  get busy(): boolean {
    return this.changes > 0 || this.uploads.some(({ problem }) => !problem);
  }

  /** The file under way. */
  get current(): Upload | undefined {
    return this.sending?.upload;
  }

  /** Keep the facts as first shown, unless the citizen has refused the page's structure since. */
  showFacts(structure: string): void {
    if (this.factsOf === structure) return;
    this.factsOf = structure;
    this.facts = pageFacts(structure);
  }

  /** Read the server's list; before a login there is none. */
  async load(): Promise<void> {
    if (!this.input.most) return;
    const { files, message } = await answerOf(this.open("GET"));
    this.problem = files ? "" : message || texts.unlisted;
    if (!files) this.emit("say", this.problem);
    this.take(files);
  }

  /** Go on after a lost connection. */
  resume(): void {
    void this.load();
    for (const upload of this.uploads) if (upload.canRetry) this.retry(upload);
  }

  add(files: File[]): void {
    const { most, many, largest, large } = this.input;
    for (const file of files) {
      const counted = this.kept.length + this.uploads.filter(({ problem }) => !problem).length;
      const problem = file.size > largest ? large : counted >= most ? many : "";
      this.uploads.push({ file, problem: problem && named(file.name, problem), canRetry: false });
      if (problem) this.emit("say", named(file.name, problem));
    }
    this.next();
  }

  retry(upload: Upload): void {
    upload.problem = "";
    upload.canRetry = false;
    this.next();
  }

  /** Take back a chosen file. */
  drop(upload: Upload): void {
    this.uploads = this.uploads.filter((each) => each !== upload);
    if (this.sending?.upload === upload) this.sending.xhr.abort();
    else if (upload.canRetry) void this.settle(upload.file.name).then((kept) => kept && this.remove(kept));
    this.emit("change");
  }

  async remove({ id, name }: KeptFile): Promise<void> {
    const { files, message } = await this.change("drop_file", id);
    this.problem = files ? "" : message || fill(texts.broken, name);
    this.emit("say", this.problem || fill(texts.removed, name));
    this.take(files);
    if (files) this.emit("stored");
  }

  private next(): void {
    const upload = this.uploads.find(({ problem }) => !problem);
    if (upload && !this.sending) void this.send(upload);
    this.emit("change");
  }

  private async send(upload: Upload): Promise<void> {
    const { name } = upload.file;
    const xhr = this.open("POST");
    xhr.upload.onprogress = ({ loaded, total }) => this.emit("progress", loaded / total);
    this.sending = { upload, xhr };
    this.emit("say", fill(texts.loading, name));
    const { status, files, message } = await answerOf(xhr, this.form("files", upload.file));
    this.sending = undefined;
    const isLost = !files && !message;
    const added = files ? this.newOf(files) : isLost ? await this.settle(name) : undefined;
    if (!this.uploads.includes(upload)) {
      if (files) this.take(files);
      if (added) await this.remove(added); // Taken back too late.
    } else if (files || added) {
      this.uploads = this.uploads.filter((each) => each !== upload);
      if (added) this.chosen.set(added.id, upload.file);
      this.take(files);
      this.emit("say", fill(texts.added, name));
      this.emit("stored");
    } else {
      upload.problem = !message ? fill(texts.broken, name) : message.includes(name) ? message : named(name, message);
      upload.canRetry = !FINAL.includes(status);
      this.emit("say", upload.problem);
    }
    this.next();
  }

  /** After an answer that was lost: wait until the server has done with this citizen's file, and find it. */
  private async settle(name: string): Promise<KeptFile | undefined> {
    const { files } = await this.change();
    const added = files && this.newOf(files.filter((file) => file.name === name));
    this.take(files);
    return added;
  }

  private newOf(files: KeptFile[]): KeptFile | undefined {
    return files.find(({ id }) => this.kept.every((each) => each.id !== id));
  }

  private async change(name?: string, value = ""): Promise<Answer> {
    const form = new URLSearchParams({ draft: this.input.draft });
    if (name) form.append(name, value);
    this.changes += 1;
    const answer = await answerOf(this.open("POST"), form);
    this.changes -= 1;
    return answer;
  }

  private open(method: string): XMLHttpRequest {
    const xhr = new XMLHttpRequest(); // fetch() doesn't tell the progress
    xhr.open(method, this.base + PATH);
    xhr.timeout = TIMEOUT;
    return xhr;
  }

  private form(name: string, value: File): FormData {
    const form = new FormData();
    form.append("draft", this.input.draft);
    form.append(name, value);
    return form;
  }

  private take(files = this.kept): void {
    this.kept = files;
    this.emit("change");
  }

  private emit(type: string, detail?: unknown): void {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}

/** Send; without a connection, or after a page of somebody else's, the answer has no files and no message. */
function answerOf(xhr: XMLHttpRequest, form?: FormData | URLSearchParams): Promise<Answer> {
  return new Promise((resolve) => {
    xhr.onloadend = () => resolve({ ...read(xhr.responseText), status: xhr.status });
    xhr.send(form);
  });
}

function named(name: string, problem: string): string {
  return fill(texts.named.replace("{problem}", () => problem), name);
}

function remembered(): string | null {
  try {
    return sessionStorage.getItem(LEFT_OUT);
  } catch {
    return null;
  }
}

function read(text: string): Partial<Answer> {
  try {
    return JSON.parse(text) as Partial<Answer>;
  } catch {
    return {};
  }
}
