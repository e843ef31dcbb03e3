// The oldest browsers of .browserslistrc, as esbuild names them.
import browserslist from "browserslist";

const NAMES = { chrome: "chrome", edge: "edge", firefox: "firefox", safari: "safari", ios_saf: "ios" };

const listed = browserslist(null, { path: import.meta.dirname }).map((browser) => browser.split(" "));

export const targets = Object.entries(NAMES).map(([name, esbuildName]) => {
  const versions = listed.filter(([each]) => each === name).map(([, version]) => Number.parseFloat(version));
  return `${esbuildName}${Math.min(...versions.filter((version) => !Number.isNaN(version)))}`;
});
