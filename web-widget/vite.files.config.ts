import { defineConfig } from "vite";

import { targets } from "./browsers.js";

/** The summary's files, loaded when a summary is shown. */
export default defineConfig({
  build: {
    target: targets,
    emptyOutDir: false,
    modulePreload: false,
    rollupOptions: { input: "src/files/element.ts", output: { entryFileNames: "files.js" } },
  },
});
