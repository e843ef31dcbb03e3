import { css, unsafeCSS } from "lit";

import { colours } from "./launcher.js";

/** The foundation of each element; px because the host page's root size leaks into rem. */
export const base = css`
  ${unsafeCSS(colours)}
  :host {
    font: 400 16px/1.5 "Titillium Web", "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif;
    color: var(--text);
    text-align: start;
    letter-spacing: normal;
  }
  *, *::before, *::after { box-sizing: border-box; }
  :focus-visible { outline: 3px solid var(--ink); outline-offset: 2px; box-shadow: 0 0 0 2px var(--paper); }
  p, h2, h3, dl, dd, ul, fieldset { margin: 0; padding: 0; }
  fieldset { border: 0; min-width: 0; }
  ul { list-style: none; }
  a { color: var(--primary); text-underline-offset: 3px; overflow-wrap: anywhere; }
  a:hover { color: var(--primary-dark); text-decoration-thickness: 2px; }
  a.button { text-decoration: none; }
  a.link { display: inline-block; padding: 10px 0; font-weight: 600; }
  a.link .hint { font-weight: 400; }
  a.call { padding: 12px 28px; font-size: 18px; border: 2px solid transparent; border-radius: 4px; color: #fff; background: var(--danger-bar); text-decoration: none; }
  a.call:hover { color: #fff; background: var(--danger-dark); text-decoration: underline; }
  svg { display: block; width: 24px; height: 24px; fill: currentColor; flex: none; }
  .sr { position: absolute; width: 1px; height: 1px; margin: -1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
  [hidden] { display: none !important; }
  @media (prefers-reduced-motion: reduce) {
    *, *::before, *::after { animation: none !important; transition: none !important; scroll-behavior: auto !important; }
  }
`;

export const buttons = css`
  button { font: inherit; color: inherit; background: none; border: 0; margin: 0; padding: 0; cursor: pointer; text-align: inherit; }
  .button {
    display: inline-flex; align-items: center; justify-content: center; gap: 8px;
    min-height: 44px; padding: 9px 18px; border-radius: 4px;
    border: 2px solid var(--primary); color: var(--primary); background: var(--paper);
    font-weight: 600; line-height: 1.35; text-align: center;
    transition: background-color .15s, color .15s;
  }
  .button:hover { border-color: var(--primary-dark); color: var(--primary-dark); background: var(--mist); }
  .button:active { background: var(--chosen); }
  .button.primary { color: var(--on-primary); background: var(--primary); }
  .button.primary:hover { color: var(--on-primary); background: var(--primary-dark); }
  .button:disabled { cursor: default; color: var(--muted); background: var(--mist); border-color: var(--line); font-weight: 400; }
  .button:disabled.chosen { color: var(--ink); background: var(--chosen); border-color: var(--primary); font-weight: 600; }
  .plain { display: inline-flex; align-items: center; min-height: 44px; min-width: 44px; padding: 4px 8px; border-radius: 4px; color: var(--primary); font-weight: 600; text-decoration: underline; text-underline-offset: 3px; }
  .plain:hover { color: var(--primary-dark); background: var(--mist); }
  .actions { display: flex; flex-wrap: wrap; gap: 12px; }
  @media (forced-colors: active) {
    .button:disabled { color: GrayText; border-color: GrayText; }
    .button:disabled.chosen { color: CanvasText; border-color: Highlight; }
  }
`;

/** The white card that holds an input inside the conversation. */
export const card = css`
  :host { display: block; }
  .card { display: grid; gap: 16px; padding: 16px; border: 1px solid var(--line); border-top: 3px solid var(--primary); border-radius: 4px; background: var(--paper); }
  .card.used { gap: 6px; border-top: 1px solid var(--line); background: var(--mist); color: var(--muted); }
  .label, legend, h3 { font-size: 16px; font-weight: 600; line-height: 1.4; color: var(--ink); padding: 0; }
  .used .label, .used legend { color: var(--muted); }
  .hint { font-size: 15px; color: var(--muted); }
  .error { display: flex; gap: 8px; font-weight: 600; color: var(--danger); }
  .field { width: 100%; min-height: 44px; padding: 9px 12px; font: inherit; color: var(--text); background: var(--paper); border: 1px solid var(--border); border-radius: 4px; }
  .field::placeholder { color: var(--muted); opacity: 1; }
  .field:focus { outline: 3px solid var(--ink); outline-offset: 2px; box-shadow: 0 0 0 2px var(--paper); }
  .field[aria-invalid="true"] { border: 2px solid var(--danger); }
`;
