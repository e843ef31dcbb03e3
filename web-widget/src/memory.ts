/** The tab's memory across page changes, in sessionStorage. */

export interface Unsent {
  id: string;
  text: string;
  payload?: string;
  page_facts?: string;
  time: string;
  /** The server refused or postponed it, so no message of the history is its answer. */
  refused?: boolean;
}

interface Remembered {
  open?: boolean;
  /** A login was begun in the chat. */
  login?: boolean;
  conversation?: string;
  draft?: string;
  unsent?: Unsent[];
}

const KEY = "intercup-assistenza";

export class Memory {
  private values: Remembered = read();

  get<K extends keyof Remembered>(key: K): Remembered[K] {
    return this.values[key];
  }

  set(values: Remembered): void {
    Object.assign(this.values, values);
    try {
      sessionStorage.setItem(KEY, JSON.stringify(this.values));
    } catch {
      // Storage may be full or forbidden: the memory then lasts as long as the page.
    }
  }

  get unsent(): Unsent[] {
    return this.values.unsent ?? [];
  }

  keep(message: Unsent): void {
    this.set({ unsent: [...this.unsent.filter(({ id }) => id !== message.id), message] });
  }

  drop(id: string): void {
    this.set({ unsent: this.unsent.filter((message) => message.id !== id) });
  }

  /** Return true if this is the known conversation; forget the texts of another one, maybe another person's. */
  belongsTo(conversation: string): boolean {
    const known = this.values.conversation === conversation;
    if (!known && this.values.conversation) this.set({ draft: "", unsent: [] });
    this.set({ conversation });
    return known;
  }
}

function read(): Remembered {
  try {
    return JSON.parse(sessionStorage.getItem(KEY) ?? "{}") as Remembered;
  } catch {
    return {};
  }
}
