import { type CSSResultOrNative, LitElement, supportsAdoptingStyleSheets } from "lit";

import { insertRules } from "./styles/insert-rules.js";

/**
 * What all elements of the widget share.
 *
 * @event broken - It can't be drawn; detail: the error.
 */
export class WidgetElement extends LitElement {
  /** Lit's own way without adopted sheets is a style element, which a strict content policy refuses. */
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
