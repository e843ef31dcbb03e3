/** JSON exchanged between server and element. */

export const TEXT_MAX = 2000; // characters, as the server accepts

export interface Choice {
  title: string;
  payload: string;
  /** A few words, shown above `line` and the title. */
  short?: string;
  /** In a list the places of a structure, shown below its title if they are looked for. */
  line?: string;
}

export interface Link {
  title: string;
  href: string;
}

export interface SelectInput {
  type: "select";
  label: string;
  required?: boolean;
  groups: { label: string; options: Choice[] }[];
  cancel?: Choice;
}

export interface TextareaInput {
  type: "textarea";
  label: string;
  hint?: string;
}

export interface ConsentInput {
  type: "consent";
  /** In Italian, which counts. */
  label: string;
  translation?: string;
  link: Link;
  accept: Choice;
  refuse: Choice;
}

export interface SummaryRow {
  label: string;
  value: string;
  hint?: string;
  edit?: Choice;
}

/** What the chat's files need, drawn by a script of their own. */
export interface FilesInput {
  /** The mark of the draft that they go with. */
  draft: string;
  /** The name of the page's structure, if it named one. */
  structure: string;
  most: number;
  /** Bytes of one file. */
  largest: number;
  optional: string;
  hint: string;
  add: string;
  many: string;
  large: string;
}

export interface SummaryInput {
  type: "summary";
  title: string;
  rows: SummaryRow[];
  files?: FilesInput;
  send: Choice;
  cancel: Choice;
}

export interface RatingInput {
  type: "rating";
  label: string;
  options: Choice[];
  skip?: Choice;
}

export interface MailInput {
  type: "mail";
  label: string;
  to: string;
  subject: string;
  body: string;
  open: Link;
  copy: { title: string };
}

/** A registered request; `state` is the newest known one. */
export interface ReceiptInput {
  type: "receipt";
  number: string;
  rows: SummaryRow[];
  state: string;
}

/** The login, a pause, or the end of a draft that was added to a request: choices offered before it no longer count. */
export interface LoginInput {
  type: "login";
}

export type Input = (SelectInput | TextareaInput | ConsentInput | SummaryInput | RatingInput | MailInput | ReceiptInput | LoginInput) & {
  /** Shown only while it can be answered. */
  brief?: boolean;
  /** The text was too short: it comes back, to be completed. */
  again?: boolean;
};

export interface Message {
  id: string;
  from: "bot" | "citizen";
  text: string;
  buttons?: Choice[];
  links?: Link[];
  input?: Input;
  /** The bot's: language and direction of its controls, and the language of its text if that has another. */
  lang?: string;
  dir?: string;
  text_lang?: string;
  /** The number of the request whose new state this is. */
  about?: string;
  /** ISO 8601, UTC. */
  time: string;
}

/** The language of the chat, and the address of the widget's sentences in it. */
export interface Language {
  lang: string;
  texts: string;
}

export interface Session {
  language?: Language;
  authenticated: boolean;
  citizen: { name: string } | null;
  conversation: string;
  messages: Message[];
  /** The position from which to ask for earlier messages too. */
  earlier?: number;
}

export interface Reply {
  language?: Language;
  messages: Message[];
  /** The assistant was unavailable: send the message again with the same id. */
  retry?: boolean;
}

/** The citizen's message: a text, or the payload of an offered choice. */
export type Outgoing = ({ text: string } | { payload: string }) & { id: string; page_facts?: string };

/** The answer from an input or a button. */
export interface Answer {
  /** The words to show as the citizen's message. */
  text: string;
  payload?: string;
  /** What the page knows; set by the script of the files, if this sends the request. */
  page_facts?: string;
}
