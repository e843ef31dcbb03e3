import { readFileSync, writeFileSync } from "node:fs";
import { brotliDecompressSync } from "node:zlib";

const at = (path) => new URL(`node_modules/${path}`, import.meta.url);

const packed = readFileSync(at("chrome-aws-lambda/bin/chromium-70.0.3508.0.br"));
writeFileSync(at("chromium-70"), brotliDecompressSync(packed), { mode: 0o755 });
