import { readdirSync, readFileSync } from "node:fs";
import { resolve } from "node:path";

import ts from "typescript";
import { expect, test } from "vitest";

const FOLDERS = ["src", "pages"].map((name) => resolve(import.meta.dirname, "..", name));
const LENGTH = 8_000; // characters, four times the longest text
const TIME_MAX = 25; // milliseconds; linear patterns take up to 6, a quadratic one 60 to 100

/** Every regular expression of the widget and the pages, by its place. */
function patterns(): [string, RegExp][] {
  const files = FOLDERS.flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: "utf8" }).map((name) => resolve(folder, name)),
  ).filter((name) => name.endsWith(".ts"));
  return files.flatMap((file) => {
    const found: [string, RegExp][] = [];
    const visit = (node: ts.Node): void => {
      expect(ts.isNewExpression(node) && node.expression.getText() === "RegExp", file).toBe(false);
      if (ts.isRegularExpressionLiteral(node)) {
        const end = node.text.lastIndexOf("/");
        found.push([`${file}: ${node.text}`, new RegExp(node.text.slice(1, end), `${node.text.slice(end + 1).replace("g", "")}g`)]);
      }
      node.forEachChild(visit);
    };
    visit(ts.createSourceFile(file, readFileSync(file, "utf8"), ts.ScriptTarget.Latest, true));
    return found;
  });
}

function millisecondsFor(pattern: RegExp, text: string): number {
  const start = process.cpuUsage().user;
  text.replace(pattern, "");
  return (process.cpuUsage().user - start) / 1_000;
}

function isQuick(pattern: RegExp): boolean {
  const pieces = [...new Set([...pattern.source, "a", "A0", " ", "-", ".", "@", "IC-"])];
  const units = pieces.flatMap((first) => [first, ...pieces.map((second) => first + second)]);
  return units.every((unit) => {
    const text = unit.repeat(LENGTH / unit.length);
    // Other work of the process may fall into one measurement.
    return [0, 1, 2].some(() => millisecondsFor(pattern, text) < TIME_MAX);
  });
}

test("no pattern takes long on a long text, whatever it is", () => {
  const found = patterns();
  expect(found.length).toBeGreaterThan(3);
  expect(found.filter(([, pattern]) => !isQuick(pattern)).map(([place]) => place)).toEqual([]);
});

test("a pattern that takes quadratic time is noticed", () => {
  expect(isQuick(/[\w.+-]+@[\w-]+(?:\.[\w-]+)+/g)).toBe(false);
});
