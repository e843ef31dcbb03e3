import { type CSSResultOrNative, LitElement, supportsAdoptingStyleSheets } from "lit";

import { insertRules } from "./styles/insert-rules.js";

/**
 * Base class of the widget's elements.
 *
 * @event broken - Rendering failed; detail: the error.
 */
export class WidgetElement extends LitElement {
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
