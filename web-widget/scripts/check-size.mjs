// Fails the build when the widget outgrows the first-paint budget of INTERFACE.md.
import { readdirSync, readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const SCRIPT = 30_000; // bytes, gzip
const STYLE = 16_000; // bytes, gzip; the widget's style travels inside its script

const at = (path) => new URL(`../${path}`, import.meta.url);
const script = readFileSync(at("dist/assistenza.js"));
const files = readdirSync(at("src"), { recursive: true }).filter((path) => path.endsWith(".ts"));
const sources = files.map((path) => readFileSync(at(`src/${path}`), "utf8"));
const style = sources.flatMap((source) => source.match(/css`[^`]*`/g) ?? []).join("");

for (const [name, content, budget] of [
  ["assistenza.js", script, SCRIPT],
  ["its style", style, STYLE],
]) {
  const size = gzipSync(content, { level: 9 }).length;
  console.log(`${name}: ${size} bytes gzip of ${budget}`);
  if (size > budget) {
    console.error(`${name} is over its size budget`);
    process.exitCode = 1;
  }
}
