import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { defineConfig } from "vite";

import { targets } from "./browsers.js";

/** Return a built script's URL as the server writes it. */
function addressOf(name: string): string {
  const content = readFileSync(resolve(import.meta.dirname, `dist/${name}`));
  return `${name}?v=${createHash("sha256").update(content).digest("hex").slice(0, 12)}`;
}

/** The script tag's file, built after the scripts whose URLs it contains. */
export default defineConfig({
  define: {
    CHAT_SCRIPT: JSON.stringify(addressOf("chat.js")),
    FILES_SCRIPT: JSON.stringify(addressOf("files.js")),
  },
  build: {
    target: targets,
    emptyOutDir: false,
    modulePreload: false,
    rollupOptions: { input: "src/embed.ts", output: { entryFileNames: "assistenza.js" } },
  },
});
