// Puts a .gz and a .br beside each built text file; the server sends them to browsers that accept them.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { brotliCompressSync, gzipSync } from "node:zlib";

const folder = new URL("../dist/", import.meta.url);

for (const name of readdirSync(folder)) {
  if (!/\.(css|js|svg)$/.test(name)) continue;
  const content = readFileSync(new URL(name, folder));
  writeFileSync(new URL(`${name}.gz`, folder), gzipSync(content, { level: 9 }));
  writeFileSync(new URL(`${name}.br`, folder), brotliCompressSync(content));
}
