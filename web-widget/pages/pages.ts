/** Enhancements of the server's own pages; each page works without JavaScript. */

import { attachCounters } from "./counter.js";
import { attachMendedErrors } from "./mended-errors.js";
import { attachPageFacts } from "./page-facts.js";
import { attachPrintButtons } from "./print.js";
import { attachRequiredStructure } from "./required-structure.js";
import { attachTypedChecks } from "./typed-check.js";
import { SessionDialog } from "./session-dialog.js";
import { SessionWatch } from "../src/session-watch.js";

attachPageFacts(); // first: it asks for the screen's width, which a change of the page would make the browser lay out for
attachCounters();
attachPrintButtons();
attachRequiredStructure(); // before the errors: it says whether a missing structure is one
attachMendedErrors();
attachTypedChecks();

const dialog = document.querySelector<HTMLDialogElement>("#session-dialog");
if (dialog) new SessionWatch(new SessionDialog(dialog)).start();
