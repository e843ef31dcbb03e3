import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { defineConfig } from "vite";

import { targets } from "./browsers.js";

const chat = readFileSync(resolve(import.meta.dirname, "dist/chat.js"));
const hash = createHash("sha256").update(chat).digest("hex").slice(0, 12);

/** The script tag's file, built after the chat, whose URL it contains as the server writes it. */
export default defineConfig({
  define: { CHAT_SCRIPT: JSON.stringify(`chat.js?v=${hash}`) },
  build: {
    target: targets,
    emptyOutDir: false,
    modulePreload: false,
    rollupOptions: { input: "src/embed.ts", output: { entryFileNames: "assistenza.js" } },
  },
});
