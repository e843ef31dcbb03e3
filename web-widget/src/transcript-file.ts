import { fill, texts } from "./texts.js";
import type { Message } from "./types.js";
import { dateAndHour } from "./views/clock.js";

/** Write the conversation as plain text, one paragraph a message. */
export function transcriptText(messages: readonly Message[], now = new Date()): string {
  const paragraphs = messages.map(({ from, text, time, input }) => {
    const prefix = from === "bot" ? texts.botPrefix : texts.citizenPrefix;
    const rows = input?.type === "summary" ? input.rows.map(({ label, value }) => `\n  ${label}: ${value}`) : [];
    return `[${dateAndHour(new Date(time))}] ${prefix} ${text}${rows.join("")}`;
  });
  return [`${texts.fileTitle}\n${fill(texts.fileSavedAt, dateAndHour(now))}`, ...paragraphs].join("\n\n") + "\n";
}

/** Let the browser save a text as a file. */
export function download(text: string, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "text/plain;charset=utf-8" }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
