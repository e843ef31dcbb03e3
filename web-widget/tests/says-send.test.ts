import { expect, test } from "vitest";

import { saysSend } from "../src/files/says-send.js";

test.each(["invia", "Invia.", "INVIA!", "«Invia»", "sì, invia pure", "ok inviate la richiesta, grazie"])("«%s» sends the request", (text) => {
  expect(saysSend(text)).toBe(true);
});

test.each(["sì", "ok", "non inviare", "prima di inviare aspetti", "invia?", "il portale non invia", "annulla", "", "..."])("«%s» takes nothing along", (text) => {
  expect(saysSend(text)).toBe(false);
});
