// Fails the build if a page's first downloads exceed their size budget.
import { readdirSync, readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const at = (path) => new URL(`../${path}`, import.meta.url);
const sources = readdirSync(at("src"), { recursive: true }).filter((path) => path.endsWith(".ts"));
// The widget's style travels inside its script.
const style = sources.flatMap((path) => readFileSync(at(`src/${path}`), "utf8").match(/css`[^`]*`/g) ?? []).join("");

for (const [name, content, budget] of [
  ["assistenza.js, the loader", readFileSync(at("dist/assistenza.js")), 5_000], // bytes, gzip
  ["chat.js", readFileSync(at("dist/chat.js")), 30_000],
  ["files.js", readFileSync(at("dist/files.js")), 5_000],
  ["the style inside of it", style, 16_000],
  ["pages.css", readFileSync(at("dist/pages.css")), 16_000],
]) {
  const size = gzipSync(content, { level: 9 }).length;
  console.log(`${name}: ${size} bytes gzip of ${budget}`);
  if (size > budget) {
    console.error(`${name} is over its size budget`);
    process.exitCode = 1;
  }
}
