import type { Input, Message } from "./types.js";

/** Pure queries on a list of messages; their order shows which inputs are answered. */

/** Find the citizen's answer to the message at `index`, if there is one. */
export function answerTo(messages: readonly Message[], index: number): string | undefined {
  return messages.slice(index + 1).find(({ from }) => from === "citizen")?.text;
}

/** Find the message whose input can be filled now: the last one offered since the citizen spoke. */
export function activeInput(messages: readonly Message[]): (Message & { input: Input }) | undefined {
  for (let index = messages.length - 1; index >= 0; index--) {
    const message = messages[index]!;
    if (message.from === "citizen") return undefined;
    if (message.input) return message as Message & { input: Input };
  }
  return undefined;
}

/** Return true if the bot said something after the citizen's message with this id. */
export function wasAnswered(messages: readonly Message[], id: string): boolean {
  const index = messages.findIndex((message) => message.id === id);
  return index >= 0 && messages.slice(index + 1).some(({ from }) => from === "bot");
}
