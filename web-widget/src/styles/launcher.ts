// The loader draws the launcher without a library.
const css = String.raw;

/** The outline of the launcher's drawing, 24 by 24. */
export const launcherPath =
  "M4 3h16a2 2 0 0 1 2 2v11a2 2 0 0 1-2 2h-8.6L6 22v-4H4a2 2 0 0 1-2-2V5a2 2 0 0 1 2-2Zm3 6v2h10V9H7Zm0 4h7v-1.6H7V13Z";

/** Colours of bootstrap-italia, and their counterparts on a dark screen. */
export const colours = css`
  :host {
    --primary: var(--own-primary, #0066cc);
    --primary-dark: var(--own-primary-dark, #004d99);
    --on-primary: #fff;
    --bar: var(--own-primary, #0066cc);
    --ink: #17324d;
    --text: #19191a;
    --muted: #455b71;
    --line: #c5d3e0;
    --border: #5b6f82;
    --mist: #f0f5fa;
    --chosen: #e1edf9;
    --paper: #fff;
    --danger: #b3243a;
    --danger-bar: #b3243a;
    --danger-dark: #8a1a2c;
    --error-text: #7d1425;
    --error-paper: #fdf0f2;
    --warning: #995c00;
    --warning-text: #573d00;
    --warning-paper: #fff6e0;
    --success: #006b49;
    --success-text: #00543a;
    --success-paper: #ecf7f2;
  }
  @media (prefers-color-scheme: dark) {
    :host {
      --primary: #8cc4ff;
      --primary-dark: #b5d9ff;
      --on-primary: #0b1f33;
      --bar: #0b3a69;
      --ink: #e6f0fa;
      --text: #eef1f4;
      --muted: #b4c3d2;
      --line: #3d5166;
      --border: #8ba0b5;
      --mist: #22303e;
      --chosen: #24435f;
      --paper: #16202b;
      --danger: #ff9aa8;
      --error-text: #ffd0d7;
      --error-paper: #3d1820;
      --warning: #ffc966;
      --warning-text: #ffe3b0;
      --warning-paper: #3a2c0d;
      --success: #6fd6ab;
      --success-text: #c2f2de;
      --success-paper: #123528;
    }
  }
`;

/** On a phone the launcher is a bar, beside which no line of the page ends covered. `!important` on the host, or the page's own style for the element would win. */
export const launcherStyle = css`
  :host { all: initial !important; display: contents !important; direction: ltr !important; unicode-bidi: isolate !important; font: 400 16px/1.5 "Titillium Web", "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif !important; color: var(--text) !important; }
  .layer { position: fixed; top: auto; right: 0; bottom: 0; left: auto; z-index: 2147483000; width: 0; height: 0; margin: 0; padding: 0; border: 0; color: inherit; background: none; overflow: visible; }
  .launcher {
    position: fixed; right: 24px; bottom: 24px; box-sizing: border-box; margin: 0; cursor: pointer; font: inherit;
    display: inline-flex; align-items: center; gap: 10px; min-height: 56px; padding: 12px 24px 12px 20px;
    border: 2px solid #fff; border-radius: 28px; color: #fff; background: var(--bar);
    font-size: 18px; font-weight: 600; white-space: nowrap; box-shadow: 0 4px 16px rgb(23 50 77 / .3);
  }
  .launcher:hover { text-decoration: underline; }
  .launcher:focus-visible { outline: 3px solid var(--ink); outline-offset: 2px; box-shadow: 0 0 0 2px var(--paper); }
  .launcher svg { display: block; flex: none; width: 24px; height: 24px; fill: currentColor; }
  @media (max-width: 991.98px) {
    .launcher { right: 0; bottom: 0; left: 0; justify-content: center; min-height: 48px; padding: 8px; border-width: 2px 0 0; border-radius: 0; }
  }
  @media print { :host { display: none !important; } }
`;
