// The server takes each text of these words, with one of the first, for "Invia" (yes_words.py).
const SENDING = "invia inviate invii inviala inviare manda mandi spedisci proceda".split(" ");
const BESIDE = "sì si ok confermo pure la richiesta grazie".split(" ");

/** Return true if a typed text sends the request, and does nothing else. */
export function saysSend(text: string): boolean {
  const words = text.toLowerCase().split(/[\s,.!«»"]+/).filter(Boolean);
  return words.some((word) => SENDING.includes(word)) && words.every((word) => SENDING.includes(word) || BESIDE.includes(word));
}
