import { css } from "lit";

export const chatStyle = css`
  :host { display: flex; flex-direction: column; flex: 1; min-height: 0; background: var(--paper); }
  section { position: relative; flex: 1; min-height: 0; padding: 20px 16px 0; overflow-y: auto; overscroll-behavior: var(--overscroll, contain); }
  section:focus-visible { outline-offset: -3px; box-shadow: none; }
  [role="log"] { display: grid; gap: 12px; padding-bottom: 24px; }
  .aside { margin-bottom: 16px; font-size: 15px; color: var(--muted); text-align: center; }

  .message { display: grid; justify-items: start; gap: 8px; min-width: 0; outline-offset: 4px; }
  .message:focus-visible { box-shadow: none; }
  .bubble { max-width: 88%; max-width: min(88%, 560px); padding: 12px 16px; border-radius: 2px 12px 12px 12px; background: var(--mist); border: 1px solid transparent; }
  .number { white-space: nowrap; }
  .text { white-space: pre-line; overflow-wrap: anywhere; }
  .citizen { justify-items: end; }
  .citizen .bubble { color: #fff; background: var(--bar); border-radius: 12px 2px 12px 12px; }
  .citizen .bubble a { color: inherit; }
  .citizen.unsent .bubble, .citizen.sending .bubble { color: var(--ink); background: var(--paper); border: 1px dashed var(--border); }
  .meta { font-size: 14px; line-height: 20px; color: var(--muted); padding: 0 2px; }
  .failed { display: flex; align-items: center; gap: 6px; margin: -6px 0; font-size: 15px; font-weight: 600; color: var(--danger); }
  .failed .plain:disabled { color: var(--muted); text-decoration: none; cursor: default; }
  .failed svg, .notice svg { width: 20px; height: 20px; }
  .bot .actions { gap: 8px; padding: 2px 0; }
  .bot .actions li { max-width: 100%; }
  .bot .actions .button { text-align: start; justify-content: flex-start; max-width: 100%; padding: 8px 14px; }
  .named { display: grid; gap: 2px; }
  .named span, .named small { font-weight: 400; color: var(--text); }
  .named small { font-size: 14px; color: var(--muted); }
  .input { width: 100%; max-width: 640px; }

  .typing { display: flex; align-items: center; gap: 12px; margin-top: 12px; color: var(--muted); font-size: 15px; }
  .dots { display: inline-flex; gap: 5px; padding: 14px 14px; border-radius: 2px 12px 12px 12px; background: var(--mist); }
  .dots i { width: 8px; height: 8px; border-radius: 50%; background: var(--border); animation: pulse 1.8s 3 ease-in-out; }
  .dots i:nth-child(2) { animation-delay: .3s; }
  .dots i:nth-child(3) { animation-delay: .6s; }
  @keyframes pulse { 0%, 60%, 100% { opacity: .35; } 30% { opacity: 1; } }

  .foot { position: relative; flex: none; }
  .foot.more::before { content: ""; position: absolute; top: auto; right: 0; bottom: 100%; left: 0; height: 24px; background: linear-gradient(transparent, rgb(0 0 0 / .2)); pointer-events: none; }
  .newer { display: flex; margin: 8px auto; padding: 8px 16px 8px 12px; border-radius: 24px; }
  .notice { display: flex; align-items: center; gap: 10px; padding: 8px 16px; min-height: 48px; font-size: 15px; line-height: 1.4; border-top: 1px solid var(--line); }
  .notice p { flex: 1; }
  .notice.wrapped { flex-wrap: wrap; }
  .notice .choices { display: flex; flex-wrap: wrap; gap: 8px; flex-basis: 100%; padding-bottom: 8px; }
  .notice.error { color: var(--error-text); background: var(--error-paper); border-left: 4px solid var(--danger); }
  .notice.warning { color: var(--warning-text); background: var(--warning-paper); border-left: 4px solid var(--warning); }
  .notice.success { color: var(--success-text); background: var(--success-paper); border-left: 4px solid var(--success); }
  @media (forced-colors: active) {
    .bubble, .dots { border: 1px solid CanvasText; }
    .citizen .bubble { border: 2px solid Highlight; }
    .dots i { background: CanvasText; }
  }
  @media (max-width: 400px) { .bubble { max-width: 96%; } }
  @media (max-width: 400px), (max-height: 420px) { section { padding: 8px 12px 0; } }
`;
