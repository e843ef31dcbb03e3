import type { Input, Message } from "./types.js";

/** Pure queries on a list of messages; their order shows which inputs are answered. */

/** Find the citizen's answer to the message at `index`, if there is one; "" if a message of the type `login` took its place. */
export function answerTo(messages: readonly Message[], index: number): string | undefined {
  const next = messages.slice(index + 1).find(beginsTurn);
  return next && (next.from === "citizen" ? next.text : "");
}

function beginsTurn({ from, input }: Message): boolean {
  return from === "citizen" || input?.type === "login";
}

/** Find the first answer of the newest turn; a message of the type `login` is one. */
export function firstAnswer(messages: readonly Message[]): Message | undefined {
  const turn = messages.map(beginsTurn).lastIndexOf(true);
  return messages[turn]?.from === "bot" ? messages[turn] : messages[turn + 1];
}

/** Find the message whose input can be filled now: the last one offered since the citizen spoke. */
export function activeInput(messages: readonly Message[]): (Message & { input: Input }) | undefined {
  for (let index = messages.length - 1; index >= 0; index--) {
    const message = messages[index]!;
    if (beginsTurn(message)) return undefined;
    if (message.input && message.input.type !== "receipt") return message as Message & { input: Input };
  }
  return undefined;
}

/** Return true if the bot said something after the citizen's message with this id. */
export function wasAnswered(messages: readonly Message[], id: string): boolean {
  const index = messages.findIndex((message) => message.id === id);
  return index >= 0 && messages.slice(index + 1).some(({ from }) => from === "bot");
}

/** Return the messages to show: a request's new state is shown in its receipt. */
export function shownMessages<T extends Message>(messages: readonly T[]): T[] {
  const states = new Map(messages.flatMap(({ about, text }) => (about ? [[about, text] as const] : [])));
  const receipts = new Set<string>();
  return messages
    .map((message) => {
      const { input } = message;
      if (input?.type !== "receipt") return message;
      receipts.add(input.number);
      return { ...message, input: { ...input, state: states.get(input.number) ?? input.state } };
    })
    .filter(({ about }) => !about || !receipts.has(about));
}
