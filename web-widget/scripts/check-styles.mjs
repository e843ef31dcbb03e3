// Fails the build if a style uses a feature that a browser of .browserslistrc lacks, unless it is listed below.
import { readdirSync, readFileSync } from "node:fs";

import doiuse from "doiuse";
import postcss from "postcss";

// Behaviour of older browsers without the feature.
const HARMLESS = {
  "css-file-selector-button": "bootstrap's; there is no such field",
  "css-focus-visible": "draw their own outline",
  "css-has": "show only the radio button itself as checked, and let the panel cover the page",
  "css-math-functions": "take the value written before it; doiuse means minmax(), too",
  "css-media-scripting": "leave room for the chat where it can't come",
  "css-not-sel-list": "bootstrap's; a chain, which they read",
  "css-overscroll-behavior": "scroll the page when the chat is at its end",
  "css-resize": "leave a field's height as it is",
  "css-scroll-behavior": "jump",
  "flexbox-gap": "leave less room between things",
  "prefers-color-scheme": "keep the light colours",
  "prefers-reduced-motion": "move things all the same",
  "viewport-unit-variants": "take the vh written before it",
};

const at = (path) => new URL(`../${path}`, import.meta.url);
const sources = readdirSync(at("src"), { recursive: true }).filter((path) => path.endsWith(".ts"));
const widget = sources.flatMap((path) => readFileSync(at(`src/${path}`), "utf8").match(/css`[^`]*`/g) ?? []);
const sheets = {
  "the widget's style": widget.map((css) => css.slice(4, -1).replace(/\$\{.*?\}/g, "")).join("\n"),
  "pages.css": readFileSync(at("dist/pages.css"), "utf8"),
};

for (const [name, css] of Object.entries(sheets)) {
  const found = new Map();
  const onFeatureUsage = ({ feature, usage, featureData: { missing } }) => missing && found.set(feature, [usage, missing]);
  await postcss([doiuse({ ignore: Object.keys(HARMLESS), onFeatureUsage })]).process(css, { from: undefined });
  for (const [feature, [usage, missing]] of found) {
    console.error(`${name}: ${feature} (${usage.toString().slice(0, 80)}) is missing in ${missing}`);
    process.exitCode = 1;
  }
}
