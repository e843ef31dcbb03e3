import { css, unsafeCSS } from "lit";

import { launcherStyle } from "./launcher.js";

export const panelStyle = css`
  ${unsafeCSS(launcherStyle)}
  :host([mode="inline"]) { display: flex !important; flex-direction: column !important; width: 100% !important; height: 600px !important; height: var(--height, 600px) !important; max-height: 800px !important; scroll-margin: 8px; }

  .dot { width: 12px; height: 12px; border-radius: 50%; background: #fff; }

  dialog, .inline { margin: 0; padding: 0; color: var(--text); background: var(--paper); border: 1px solid var(--line); overflow: hidden; flex-direction: column; }
  dialog {
    position: fixed; top: auto; right: 24px; bottom: 96px; left: auto; width: 432px; max-width: none;
    height: calc(100vh - 120px); height: calc(100dvh - 120px); max-height: 760px;
    border-radius: 8px; box-shadow: 0 8px 40px rgb(23 50 77 / .28);
  }
  dialog:not([open]) { display: none; }
  dialog[open], .inline { display: flex; }
  dialog[open] { animation: rise .18s ease-out; }
  .inline { --overscroll: auto; flex: 1; min-height: 0; border-radius: 4px; position: relative; }
  @keyframes rise { from { opacity: 0; transform: translateY(12px); } }

  .header { position: relative; display: flex; align-items: center; gap: 4px; flex: none; padding: 12px 8px 12px 16px; color: #fff; background: var(--bar); }
  .header :focus-visible { outline-color: #fff; outline-offset: -3px; box-shadow: none; }
  .titles { flex: 1; min-width: 0; }
  h2 { font-size: 20px; line-height: 26px; font-weight: 700; }
  .subtitle { font-size: 15px; line-height: 20px; }
  .tool { display: grid; place-items: center; width: 44px; height: 44px; border-radius: 4px; color: #fff; border: 1px solid transparent; }
  .tool:hover { border-color: #fff; }

  .broken { padding: 24px 20px; }
  .broken p + p { margin-top: 16px; }
  :host([mode="inline"]) .out { display: none; }

  .menu { position: absolute; right: 12px; top: calc(100% + 4px); z-index: 2; padding: 8px 0; background: var(--paper); border: 1px solid var(--line); border-radius: 4px; box-shadow: 0 4px 20px rgb(23 50 77 / .25); }
  .menu button, .menu a { display: flex; align-items: center; gap: 12px; width: 100%; min-height: 48px; padding: 8px 20px 8px 16px; color: var(--primary); font-weight: 600; text-decoration: none; }
  .menu button:hover, .menu a:hover { background: var(--mist); }
  .menu button:focus-visible, .menu a:focus-visible { outline-color: var(--ink); }

  .veil { position: absolute; top: 0; right: 0; bottom: 0; left: 0; z-index: 3; display: grid; align-items: end; background: rgb(23 50 77 / .5); }
  .confirm { display: grid; gap: 16px; padding: 24px 20px; background: var(--paper); border-top: 4px solid var(--primary); max-height: 100%; overflow-y: auto; }
  .confirm h2 { color: var(--ink); }
  .confirm .button { flex: 1 1 180px; }

  @media (max-width: 991.98px) {
    dialog { top: var(--top, 0); right: 0; bottom: auto; left: 0; width: 100%; max-height: none; height: 100vh; height: var(--height, 100dvh); border: 0; border-radius: 0; }
  }
  @media (max-height: 599.98px) and (min-width: 992px) {
    dialog { bottom: 8px; height: calc(100vh - 16px); height: calc(100dvh - 16px); }
    .launcher[aria-expanded="true"] { display: none; }
  }
  @media (max-width: 599.98px) { .header { padding-top: 4px; padding-bottom: 4px; } }
  @media (max-height: 420px) {
    .header { padding-top: 2px; padding-bottom: 2px; }
    .subtitle { font-size: 14px; }
    h2 { font-size: 18px; }
  }
  @media (forced-colors: active) {
    .header { border-bottom: 2px solid CanvasText; }
    .tool { border-color: ButtonText; color: ButtonText; }
    .dot { background: Highlight; }
    dialog, .inline { border: 2px solid CanvasText; }
  }
`;
