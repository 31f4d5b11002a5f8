// Build the libraries that the browser loads: `static/build/*.js`, one for each entry of this folder.
import { readFileSync, rmSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

const OUT = "static/build";
const LARGEST_KB = { "plotly.js": 450, "htmx.js": 25 }; // compressed

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
await build({
  bundle: true,
  minify: true,
  legalComments: "eof",
  target: "es2020",
  logLevel: "warning",
  entryPoints: ["assets/plotly.js", "assets/htmx.js"],
  outdir: OUT,
  format: "iife",
  plugins: [withoutManual],
  // What only Plotly's other traces need: a stylesheet for maps, and Node's environment.
  loader: { ".css": "empty" },
  define: { global: "window", "process.env.NODE_DEBUG": "false" },
});
for (const [name, limit] of Object.entries(LARGEST_KB)) {
  const size = gzipSync(readFileSync(`${OUT}/${name}`)).length / 1000;
  console.log(`${name} ${size.toFixed(0)} kB compressed`);
  if (size > limit) {
    console.error(`${name} may have at most ${limit} kB.`);
    process.exitCode = 1;
  }
}
