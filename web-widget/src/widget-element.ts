import { type CSSResultOrNative, LitElement, supportsAdoptingStyleSheets } from "lit";

import { insertRules } from "./styles/insert-rules.js";

const connected = new Set<LitElement>();

/** Draw everything again, in another language; what is typed, focused and announced stays. */
export function drawAgain(): void {
  for (const element of Array.from(connected)) element.requestUpdate();
}

/**
 * Base class of the widget's elements.
 *
 * @event broken - Rendering failed; detail: the error.
 */
export class WidgetElement extends LitElement {
  override connectedCallback(): void {
    super.connectedCallback();
    connected.add(this);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    connected.delete(this);
  }

  /** Insert the style rule by rule: without adopted sheets Lit makes a style element, which a strict policy blocks. */
  protected override createRenderRoot(): HTMLElement | DocumentFragment {
    if (supportsAdoptingStyleSheets) return super.createRenderRoot();
    const element = this.constructor as typeof WidgetElement;
    const root = this.shadowRoot ?? this.attachShadow(element.shadowRootOptions);
    const texts = (element.elementStyles as CSSResultOrNative[]).map((style) => ("cssText" in style ? style.cssText : ""));
    insertRules(root, texts.join(""));
    return root;
  }

  protected override performUpdate(): void {
    try {
      super.performUpdate();
    } catch (error) {
      this.dispatchEvent(new CustomEvent("broken", { detail: error, bubbles: true, composed: true }));
    }
  }
}
