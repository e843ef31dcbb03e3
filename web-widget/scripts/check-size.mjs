// Fails the build when what a page loads first outgrows its budget.
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const BUDGETS = { "assistenza.js": 30_000, "pages.css": 16_000 }; // bytes, gzip

for (const [name, budget] of Object.entries(BUDGETS)) {
  const size = gzipSync(readFileSync(new URL(`../dist/${name}`, import.meta.url)), { level: 9 }).length;
  console.log(`${name}: ${size} bytes gzip of ${budget}`);
  if (size > budget) {
    console.error(`${name} is over its size budget`);
    process.exitCode = 1;
  }
}
