import { IntercupChat } from "./chat.js";
import { IntercupComposer } from "./composer.js";
import { IntercupAssistenza } from "./element.js";
import { IntercupConsent } from "./inputs/consent.js";
import { IntercupMail } from "./inputs/mail.js";
import { IntercupRating } from "./inputs/rating.js";
import { IntercupReceipt } from "./inputs/receipt.js";
import { IntercupSelect } from "./inputs/select.js";
import { IntercupSummary } from "./inputs/summary.js";

const elements: Record<string, CustomElementConstructor> = {
  "intercup-composer": IntercupComposer,
  "intercup-select": IntercupSelect,
  "intercup-receipt": IntercupReceipt,
  "intercup-consent": IntercupConsent,
  "intercup-summary": IntercupSummary,
  "intercup-mail": IntercupMail,
  "intercup-rating": IntercupRating,
  "intercup-chat": IntercupChat,
  "intercup-assistenza": IntercupAssistenza,
};

// The script may be included twice, by the page and by its content manager.
for (const [name, element] of Object.entries(elements)) {
  if (!customElements.get(name)) customElements.define(name, element);
}
