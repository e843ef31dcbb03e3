import { svg, html, type TemplateResult } from "lit";

import { launcherPath } from "./styles/launcher.js";

const icon = (path: string): TemplateResult =>
  html`<svg viewBox="0 0 24 24" aria-hidden="true" focusable="false">${svg`<path d=${path} />`}</svg>`;

export const chatIcon = icon(launcherPath);
export const closeIcon = icon("m12 10.6 5.3-5.3 1.4 1.4-5.3 5.3 5.3 5.3-1.4 1.4-5.3-5.3-5.3 5.3-1.4-1.4 5.3-5.3-5.3-5.3 1.4-1.4Z");
export const moreIcon = icon("M12 4a2 2 0 1 1 0 4 2 2 0 0 1 0-4Zm0 6a2 2 0 1 1 0 4 2 2 0 0 1 0-4Zm0 6a2 2 0 1 1 0 4 2 2 0 0 1 0-4Z");
export const sendIcon = icon("M3 3.5 21.5 12 3 20.5l2.6-7.4L14 12l-8.4-1.1Z");
export const checkIcon = icon("m9.5 17.6-5.2-5.2 1.4-1.4 3.8 3.8 8.8-8.8 1.4 1.4Z");
export const expandIcon = icon("m12 15.7-6.7-6.7 1.4-1.4 5.3 5.3 5.3-5.3 1.4 1.4Z");
export const downIcon = icon("m12 19.4-6.7-6.7 1.4-1.4 4.3 4.3V4h2v11.6l4.3-4.3 1.4 1.4Z");
export const alertIcon = icon("M12 2a10 10 0 1 1 0 20 10 10 0 0 1 0-20Zm-1 5v7h2V7Zm0 8.5v2h2v-2Z");
export const starIcon = icon("m12 2.5 2.9 6.2 6.8.8-5 4.7 1.3 6.7-6-3.4-6 3.4 1.3-6.7-5-4.7 6.8-.8Z");
export const formIcon = icon("M5 2h14v20H5Zm2 2v16h10V4Zm2 3h6v2H9Zm0 4h6v2H9Zm0 4h4v2H9Z");
export const saveIcon = icon("M11 3h2v9.6l3.3-3.3 1.4 1.4-5.7 5.7-5.7-5.7 1.4-1.4 3.3 3.3ZM4 19h16v2H4Z");
export const forgetIcon = icon("M9 3h6l1 2h5v2H3V5h5ZM5 9h14l-1 12H6Zm4 2 .5 8h1.5l-.5-8Zm4.5 0-.5 8h1.5l.5-8Z");
