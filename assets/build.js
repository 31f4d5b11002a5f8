// Build what the browser loads: `static/build/*.js`, one file for each entry of this folder, and the styles as one file.
import { existsSync, readFileSync, rmSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

const OUT = "static/build";
const STYLES = "static/css/site.css";
const LARGEST_KB = { "plotly.js": 450, "htmx.js": 25, "site.css": 30 }; // compressed

// Plotly's sources carry their manual: the text of every attribute's `description`, a tenth of the bundle, which no page shows.
// Only literal texts are matched, so nothing but text can be lost.
const TEXT = String.raw`(?:'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*")`;
const MANUAL = new RegExp(
  String.raw`\bdescription:\s*(?:\[\s*${TEXT}(?:\s*,\s*${TEXT})*\s*,?\s*\]\.join\(${TEXT}\)|${TEXT}(?:\s*\+\s*${TEXT})*)(?=\s*[,}])`,
  "g",
);
const withoutManual = {
  name: "without-manual",
  setup(builder) {
    builder.onLoad({ filter: /plotly\.js[\\/]src[\\/].*\.js$/ }, async ({ path }) => ({
      contents: (await readFile(path, "utf8")).replace(MANUAL, "description: ''"),
    }));
  },
};

rmSync(OUT, { recursive: true, force: true });
const shared = { bundle: true, minify: true, legalComments: "eof", target: "es2020", logLevel: "warning" };
await build({
  ...shared,
  entryPoints: ["assets/plotly.js", "assets/htmx.js"],
  outdir: OUT,
  format: "iife",
  // Plotly asks Node for what only its other traces need.
  plugins: [withoutManual],
  loader: { ".css": "empty" },
  define: { global: "window", "process.env.NODE_DEBUG": "false" },
});
if (existsSync(STYLES)) {
  await build({ ...shared, entryPoints: [STYLES], outdir: OUT, external: ["*.svg", "*.woff2"] });
}

for (const [name, limit] of Object.entries(LARGEST_KB)) {
  if (!existsSync(`${OUT}/${name}`)) continue;
  const size = gzipSync(readFileSync(`${OUT}/${name}`)).length / 1000;
  console.log(`${name} ${size.toFixed(0)} kB compressed`);
  if (size > limit) {
    console.error(`${name} may have at most ${limit} kB.`);
    process.exitCode = 1;
  }
}
