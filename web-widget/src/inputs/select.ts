import { css, html, nothing, type PropertyValues } from "lit";
import { query, state } from "lit/decorators.js";
import { live } from "lit/directives/live.js";

import { expandIcon } from "../icons.js";
import { belongsToInputMethod } from "../keys.js";
import { fill, texts } from "../texts.js";
import { type Choice, type SelectInput, TEXT_MAX } from "../types.js";
import { filterOptions, type Group } from "./filter-options.js";
import { InputElement } from "./input-element.js";
import { errorView } from "./parts.js";

/** A searchable list in groups. Source: WAI-ARIA APG, combobox with list autocomplete. */
export class IntercupSelect extends InputElement<SelectInput> {
  static override styles = [
    ...InputElement.styles,
    css`
      .combobox { position: relative; }
      .combobox .field { padding-right: 48px; }
      .toggle { position: absolute; top: 0; right: 0; display: grid; place-items: center; width: 44px; height: 44px; color: var(--primary); border-radius: 4px; }
      [aria-expanded="true"] + .toggle svg { transform: rotate(180deg); }
      [role="listbox"] { margin-top: 4px; max-height: 272px; max-height: min(272px, 40vh); overflow-y: auto; overscroll-behavior: contain; border: 1px solid var(--border); border-radius: 4px; background: var(--paper); }
      .group { padding: 12px 12px 4px; font-size: 14px; font-weight: 700; letter-spacing: .04em; text-transform: uppercase; color: var(--muted); }
      [role="option"] { display: grid; align-content: center; min-height: 44px; padding: 8px 12px 8px 20px; line-height: 1.35; cursor: pointer; border-left: 4px solid transparent; }
      [role="option"]:hover { background: var(--mist); }
      [role="option"].active { background: var(--chosen); border-left-color: var(--primary); outline: 2px solid transparent; }
      small { font-size: 14px; }
      .none { padding: 12px; color: var(--muted); }
      @media (forced-colors: active) { [role="option"].active { outline: 2px solid Highlight; outline-offset: -2px; } }
    `,
  ];

  @state() private words = "";
  @state() private expanded = false;
  @state() private active = -1;
  @state() private error = "";

  @query("input") private field!: HTMLInputElement;

  /** A turned phone shows the open list again, after the transcript has taken its place; missing where ScrollKeeper's is. */
  private readonly observer =
    typeof ResizeObserver === "function" ? new ResizeObserver(() => requestAnimationFrame(() => this.show())) : undefined;

  override connectedCallback(): void {
    super.connectedCallback();
    this.observer?.observe(this);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.observer?.disconnect();
  }

  protected override updated(changed: PropertyValues): void {
    if (changed.has("expanded") || changed.has("active")) this.show();
  }

  private show(): void {
    if (!this.expanded) return;
    for (const part of this.renderRoot.querySelectorAll(".picker, .active")) part.scrollIntoView({ block: "nearest", behavior: "instant" });
  }

  private get groups(): Group[] {
    return filterOptions(this.input.groups, this.words);
  }

  private get options(): Choice[] {
    return this.groups.flatMap(({ options }) => options);
  }

  protected override render() {
    const { cancel } = this.input;
    return html`<div class="card">
      <label class="label" for="field">${this.input.label}</label>
      <div class="picker">
        <div class="combobox">
          <input id="field" class="field" role="combobox" type="text" autocomplete="off" spellcheck="false"
            placeholder=${texts.selectPlaceholder}
            aria-autocomplete="list" aria-controls="list" aria-expanded=${String(this.expanded)}
            aria-activedescendant=${this.active >= 0 ? `option-${this.active}` : nothing}
            aria-required=${String(this.input.required ?? false)}
            aria-invalid=${this.error ? "true" : nothing} aria-describedby=${this.error ? "error" : nothing}
            .value=${live(this.words)} @input=${this.search} @keydown=${this.press} @click=${this.expand} @blur=${this.collapse} />
          <button class="toggle" type="button" tabindex="-1" aria-label=${texts.openList}
            aria-controls="list" aria-expanded=${String(this.expanded)}
            @pointerdown=${(event: Event) => event.preventDefault()} @click=${this.toggle}>${expandIcon}</button>
        </div>
        ${this.list()}
      </div>
      ${errorView(this.error)}
      <div class="actions"><button class="button primary" type="button" @click=${this.confirm}>${texts.confirm}</button>${cancel ? html` <button class="plain" type="button" @click=${() => this.choose(cancel)}>${cancel.title}</button>` : nothing}</div>
    </div>`;
  }

  private list() {
    let index = 0;
    const groups = this.expanded ? this.groups : [];
    return html`<div id="list" role="listbox" aria-label=${this.input.label} ?hidden=${!groups.length}>
        ${groups.map(
          ({ label, options }, number) => html`<div role="group" aria-labelledby="group-${number}">
            <div class="group" id="group-${number}" role="presentation">${label}</div>
            ${options.map((option) => this.option(option, index++))}
          </div>`,
        )}
      </div>
      ${this.expanded && !groups.length ? html`<p class="none">${texts.noOption}</p>` : nothing}`;
  }

  private option(option: Choice, index: number) {
    // Pressing the pointer must not move the focus out of the field before the click.
    return html`<div role="option" id="option-${index}" class=${index === this.active ? "active" : ""}
      aria-selected=${String(index === this.active)}
      @pointerdown=${(event: Event) => event.preventDefault()} @click=${() => this.take(option)}>${option.title}${option.line ? html`<small>${option.line}</small>` : nothing}</div>`;
  }

  private search(): void {
    this.words = this.field.value;
    this.error = "";
    this.expanded = true;
    const { length, 0: first } = this.options;
    // Enter doesn't choose by a place's name: the assistant asks if its structure is meant.
    this.active = length === 1 && !first!.line ? 0 : -1;
    this.say(length ? fill(texts.results, length) : texts.noOption);
  }

  private press(event: KeyboardEvent): void {
    if (belongsToInputMethod(event)) return;
    // These keys move the cursor in the text, not in the list.
    if (["Home", "End", "ArrowLeft", "ArrowRight"].includes(event.key)) this.active = -1;
    if (event.key === "ArrowDown" && event.altKey) this.expand();
    else if (event.key === "ArrowUp" && event.altKey) this.collapse();
    else if (event.key === "ArrowDown" || event.key === "ArrowUp") this.move(event.key === "ArrowDown" ? 1 : -1);
    else if (event.key === "Enter") this.enter();
    else if (event.key === "Escape" && (this.expanded || this.words)) this.escape();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  private move(step: 1 | -1): void {
    const { length } = this.options;
    this.expanded = true;
    if (!length) return;
    this.active = this.active < 0 && step < 0 ? length - 1 : (this.active + step + length) % length;
  }

  private enter(): void {
    const option = this.expanded ? this.options[this.active] : undefined;
    if (option) this.take(option);
    else this.confirm();
  }

  /** Close the list at the first Esc, empty the field at the second; the panel stays open. */
  private escape(): void {
    if (this.expanded) return this.collapse();
    this.words = "";
  }

  private take(option: Choice): void {
    this.collapse();
    this.choose(option);
  }

  private expand(): void {
    this.expanded = true;
  }

  private toggle(): void {
    this.field.focus();
    if (this.expanded) this.collapse();
    else this.expand();
  }

  private collapse(): void {
    this.expanded = false;
    this.active = -1;
  }

  /** Send the words themselves: the assistant also answers questions. */
  private confirm(): void {
    const text = this.words.trim();
    const tooLong = text.length > TEXT_MAX;
    if (text && !tooLong) return this.answer({ text });
    this.error = tooLong ? fill(texts.tooLong, TEXT_MAX) : texts.chooseFirst;
    this.say(this.error);
    this.field.focus();
  }
}
