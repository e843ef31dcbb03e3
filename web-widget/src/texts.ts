import { chat, facts, files, launcher } from "./texts.json";

const italian = { ...chat, launcher, lang: "it", dir: "ltr" };

/** The widget's sentences in another language, as the service sends them. */
export type Sentences = Partial<typeof italian> & { lang: string; dir: string; files: Partial<typeof italianFileTexts> };

/** The only sentence that the loader needs. */
export const launcherText = launcher;

/** What the page knows, as the office reads it. */
export const factTexts = facts;

/** The sentences about a summary's files, in a script of their own, and the words of the page's facts by the Italian ones. */
export const italianFileTexts = { ...files, words: {} as Record<string, string> };
export const fileTexts = { ...italianFileTexts };

/** All the other sentences of the widget, with their language and direction. */
export const texts = { ...italian };

/** Speak another language, Italian without sentences, and call the assistant after a platform. */
export function speak(sentences?: Sentences, platform?: string | null): void {
  Object.assign(texts, italian, sentences);
  texts.title = fill(texts.title, platform || "InterCup");
  texts.fileTitle = fill(texts.fileTitle, platform || "InterCup");
}

/** Put a value in a sentence's place. */
export function fill(sentence: string, value: string | number): string {
  return sentence.replace(/{\w+}/, () => value as string);
}
