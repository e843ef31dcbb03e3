import { css, html, nothing } from "lit";
import { state } from "lit/decorators.js";

import { starIcon } from "../icons.js";
import { texts } from "../texts.js";
import type { Choice, RatingInput } from "../types.js";
import { InputElement } from "./input-element.js";
import { choiceView, errorView } from "./parts.js";

/** Stars as radio buttons, from one upwards. */
export class IntercupRating extends InputElement<RatingInput> {
  static override styles = [
    ...InputElement.styles,
    css`
      fieldset { display: grid; gap: 8px; }
      .stars { display: flex; }
      .star { position: relative; display: grid; place-items: center; width: 48px; height: 48px; border-radius: 4px; cursor: pointer; }
      .star input { position: absolute; top: 0; left: 0; width: 100%; height: 100%; margin: 0; opacity: 0; cursor: pointer; }
      .star svg { width: 34px; height: 34px; fill: var(--paper); stroke: var(--border); stroke-width: 1.5; pointer-events: none; }
      .star.full svg { fill: var(--primary); stroke: var(--primary); }
      .star:focus-within { outline: 3px solid var(--ink); outline-offset: -2px; }
      .value { min-height: 24px; font-size: 15px; color: var(--muted); }
      @media (forced-colors: active) {
        .star svg { fill: Canvas; stroke: CanvasText; }
        .star.full svg { fill: Highlight; stroke: Highlight; }
      }
    `,
  ];

  @state() private chosen = -1;
  @state() private error = "";

  protected override render() {
    const { label, options, skip } = this.input;
    return html`<div class="card">
      <fieldset aria-describedby=${this.error ? "error" : "value"}>
        <legend class="label">${label}</legend>
        <div class="stars">${options.map((option, index) => this.star(option, index))}</div>
        <p class="value" id="value">${options[this.chosen]?.title ?? texts.rateScale}</p>
      </fieldset>
      ${errorView(this.error)}
      <div class="actions">
        <button class="button primary" type="button" @click=${this.confirm}>${texts.confirm}</button>
        ${skip ? choiceView(skip, { press: () => this.choose(skip) }) : nothing}
      </div>
    </div>`;
  }

  private star({ title }: Choice, index: number) {
    return html`<label class="star ${index <= this.chosen ? "full" : ""}">
      <input type="radio" name="stars" .checked=${index === this.chosen} @change=${() => this.pick(index)} />
      ${starIcon}<span class="sr">${title}</span>
    </label>`;
  }

  private pick(index: number): void {
    this.chosen = index;
    this.error = "";
  }

  private confirm(): void {
    const option = this.input.options[this.chosen];
    if (option) return this.choose(option);
    this.error = texts.rateFirst;
    this.say(this.error);
    this.focus();
  }
}
