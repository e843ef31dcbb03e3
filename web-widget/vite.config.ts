import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";

import { targets } from "./browsers.js";

/** Take white space out of the styles, and indents out of the HTML: the minifier keeps both as they are written. */
export const compactTemplates: Plugin = {
  name: "compact-templates",
  transform: (code) =>
    code
      .replace(/css`[^`]*`/g, (style) =>
        style.replace(/\s+/g, " ").replace(/ ?([{};]) ?/g, "$1").replace(/([:,]) /g, "$1"),
      )
      .replace(/\n +/g, "\n"),
};

export default defineConfig({
  plugins: [compactTemplates],
  build: {
    target: targets,
    // The pages' style is built into the same folder by vite.pages.config.ts.
    emptyOutDir: false,
    minify: "terser",
    terserOptions: { compress: { passes: 3 } },
    modulePreload: false,
    // Not a library build, in which Vite keeps white space.
    rollupOptions: {
      input: "src/define.ts",
      // Lit needs globalThis, which the browsers of 2018 lack.
      output: { entryFileNames: "chat.js", intro: "const globalThis = window;" },
    },
  },
  test: {
    environment: "happy-dom",
    include: ["tests/**/*.test.ts"],
    testTimeout: 30_000, // milliseconds, for a busy machine
  },
});
