import { html, nothing, type TemplateResult } from "lit";

import { closeIcon, forgetIcon, formIcon, moreIcon, saveIcon } from "../icons.js";
import { texts } from "../texts.js";

interface HeaderOptions {
  menu: boolean;
  inert: boolean;
  closable: boolean;
  /** The address of the plain form. */
  form: string;
  toggleMenu(): void;
  save(): void;
  forget(): void;
  close(): void;
}

/** The title of the panel and its few commands. */
export function headerView(options: HeaderOptions): TemplateResult {
  return html`<div class="header" ?inert=${options.inert}>
    <div class="titles">
      <h2>${texts.title}</h2>
      <p class="subtitle">${texts.subtitle}</p>
    </div>
    <button class="tool more" type="button" aria-label=${texts.options} title=${texts.options} aria-expanded=${String(options.menu)}
      aria-controls="menu" @click=${options.toggleMenu}>${moreIcon}</button>
    <ul class="menu" id="menu" role="list" ?hidden=${!options.menu}>
      <li><a href=${options.form} @click=${options.toggleMenu}>${formIcon}${texts.form}</a></li>
      <li><button type="button" @click=${options.save}>${saveIcon}${texts.save}</button></li>
      <li><button type="button" @click=${options.forget}>${forgetIcon}${texts.forget}</button></li>
    </ul>
    ${options.closable
      ? html`<button class="tool" type="button" aria-label=${texts.close} title=${texts.close} @click=${options.close}>${closeIcon}</button>`
      : nothing}
  </div>`;
}

/** Replaces the conversation after a bug of ours. */
export function brokenView(close: () => void): TemplateResult {
  return html`<div class="header">
      <h2 class="titles">${texts.title}</h2>
      <button class="tool out" type="button" aria-label=${texts.close} title=${texts.close} @click=${close}>${closeIcon}</button>
    </div>
    <div class="broken" role="alert">
      <p>${texts.broken}</p>
      <p><a class="button primary" href="/assistenza">${texts.form}</a></p>
    </div>`;
}

/** The confirmation before the conversation is deleted. */
export function confirmView({ confirm, cancel }: { confirm(): void; cancel(): void }): TemplateResult {
  return html`<div class="veil">
    <div class="confirm" role="alertdialog" aria-labelledby="confirm-title" aria-describedby="confirm-text">
      <h2 id="confirm-title">${texts.forgetTitle}</h2>
      <p id="confirm-text">${texts.forgetExplanation}</p>
      <div class="actions">
        <button class="button primary keep" type="button" @click=${cancel}>${texts.forgetCancel}</button>
        <button class="button" type="button" @click=${confirm}>${texts.forgetConfirm}</button>
      </div>
    </div>
  </div>`;
}
