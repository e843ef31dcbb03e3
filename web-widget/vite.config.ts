import { defineConfig } from "vitest/config";

import { targets } from "./browsers.js";

export default defineConfig({
  build: {
    target: targets,
    // The pages' style is built into the same folder by vite.pages.config.ts.
    emptyOutDir: false,
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
