// Fails the build when the script outgrows the first-paint budget of INTERFACE.md.
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const BUDGET = 30_000; // bytes, gzip
const script = new URL("../dist/assistenza.js", import.meta.url);
const size = gzipSync(readFileSync(script), { level: 9 }).length;

console.log(`assistenza.js: ${size} bytes gzip of ${BUDGET}`);
if (size > BUDGET) {
  console.error("assistenza.js is over its size budget");
  process.exit(1);
}
