/**
 * Insert the style of a root, or of the root around a node, through the object model. The style element stays empty,
 * so the content policy only has to allow the hash of an empty text.
 */
export function insertRules(root: Node, css: string): void {
  const style = root.appendChild(document.createElement("style"));
  const sheet = style.sheet as CSSStyleSheet | null;
  for (const rule of rulesOf(css)) {
    try {
      sheet?.insertRule(rule, sheet.cssRules.length);
    } catch {
      // As in a style sheet, a browser skips rules that it can't parse.
    }
  }
}

/** Split a sheet into its top-level rules. */
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
