/**
 * Give a root its style through the object model. The style element stays empty: that is all that the content policy
 * must allow (the hash of nothing).
 */
export function insertRules(root: ShadowRoot, css: string): void {
  const style = root.appendChild(document.createElement("style"));
  const sheet = style.sheet as CSSStyleSheet | null;
  for (const rule of rulesOf(css)) {
    try {
      sheet?.insertRule(rule, sheet.cssRules.length);
    } catch {
      // As in a style sheet: what a browser can't read it leaves out.
    }
  }
}

/** Cut a sheet into its outermost rules. */
export function rulesOf(css: string): string[] {
  const rules: string[] = [];
  let depth = 0;
  let start = 0;
  for (let at = 0; at < css.length; at++) {
    if (css[at] === "{") depth++;
    if (css[at] === "}" && --depth === 0) {
      rules.push(css.slice(start, at + 1).trim());
      start = at + 1;
    }
  }
  return rules;
}
