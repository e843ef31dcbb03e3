import { defineConfig } from "vitest/config";

export default defineConfig({
  build: {
    target: "es2021",
    // The pages' style is built into the same folder by vite.pages.config.ts.
    emptyOutDir: false,
    lib: { entry: "src/embed.ts", formats: ["es"], fileName: () => "assistenza.js" },
  },
  test: {
    environment: "happy-dom",
    include: ["tests/**/*.test.ts"],
    testTimeout: 30_000, // milliseconds, for a busy machine
  },
});
