import { defineConfig } from "vite";

import { targets } from "./browsers.js";
import { compactTemplates } from "./vite.config.js";

/** The summary's files, loaded when a summary is shown. */
export default defineConfig({
  plugins: [compactTemplates],
  build: {
    target: targets,
    emptyOutDir: false,
    modulePreload: false,
    rollupOptions: { input: "src/files/element.ts", output: { entryFileNames: "files.js" } },
  },
});
