import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, resolve } from "node:path";
import { defineConfig, type Plugin } from "vite";

import { targets } from "./browsers.js";

const here = import.meta.dirname;
const bootstrapItalia = dirname(createRequire(import.meta.url).resolve("bootstrap-italia/package.json"));

const ICONS = [
  "calendar",
  "check-circle",
  "chevron-right",
  "clock",
  "crest",
  "error",
  "file",
  "help-circle",
  "inbox",
  "print",
  "refresh",
  "user",
  "warning-circle",
];

// Packages of which something reaches the browser; their licences must go along.
const LICENSED = ["bootstrap-italia", "lit", "lit-html", "lit-element", "@lit/reactive-element"];

const FONT_LICENCE = "Titillium Web\n\nSIL Open Font License 1.1: https://openfontlicense.org\n";

/** Emit icons.svg, a sprite with only the icons the templates use, the page icon, and the licences. */
function pageIcons(): Plugin {
  return {
    name: "intercup-page-icons",
    generateBundle() {
      const symbols = ICONS.map((name) => {
        const ours = resolve(here, `pages/${name}.svg`);
        const file = existsSync(ours) ? ours : resolve(bootstrapItalia, `src/svg/it-${name}.svg`);
        const svg = readFileSync(file, "utf8");
        const body = svg.replace(/^[\s\S]*?<svg[^>]*>/, "").replace(/<\/svg>\s*$/, "");
        return `<symbol id="it-${name}" viewBox="0 0 24 24">${body.replace(/\s+/g, " ").trim()}</symbol>`;
      });
      const sprite = `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join("")}</svg>\n`;
      this.emitFile({ type: "asset", fileName: "icons.svg", source: sprite });
      for (const fileName of ["favicon.svg", "favicon.ico", "apple-touch-icon.png", "preview.png"]) {
        this.emitFile({ type: "asset", fileName, source: readFileSync(resolve(here, "pages", fileName)) });
      }
      const licences = LICENSED.map((name) => `${name}\n\n${readFileSync(resolve(here, "node_modules", name, "LICENSE"), "utf8")}`);
      this.emitFile({ type: "asset", fileName: "licences.txt", source: [FONT_LICENCE, ...licences].join("\n\n") });
    },
  };
}

export default defineConfig({
  // Fonts stay relative to the style sheet, wherever the server mounts dist/.
  base: "./",
  publicDir: false,
  plugins: [pageIcons()],
  css: {
    preprocessorOptions: {
      scss: {
        loadPaths: [resolve(bootstrapItalia, "src/scss")],
        quietDeps: true,
        // bootstrap-italia 2 is written with @import and the global functions.
        silenceDeprecations: ["import", "global-builtin", "color-functions", "if-function", "slash-div"],
      },
    },
  },
  build: {
    target: targets,
    outDir: resolve(here, "dist"),
    // The widget is built into the same folder.
    emptyOutDir: false,
    // A data: URL would be refused by the content security policy.
    assetsInlineLimit: 0,
    modulePreload: false,
    rollupOptions: {
      input: {
        pages: resolve(here, "pages/pages.ts"),
        "pages-style": resolve(here, "pages/pages.scss"),
      },
      output: {
        entryFileNames: "[name].js",
        assetFileNames: (asset) => (asset.names.some((name) => name.endsWith(".css")) ? "pages.css" : "fonts/[name][extname]"),
      },
    },
  },
});
