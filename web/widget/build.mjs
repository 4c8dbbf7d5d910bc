// Bundles the widget into one classic script. `node build.mjs FILE` writes it somewhere else than into the package.
import { build } from "esbuild";

const home = new URL("../../plugins/webchat/casella_webchat/static/widget.js", import.meta.url).pathname;

await build({
  entryPoints: [new URL("src/index.ts", import.meta.url).pathname],
  outfile: process.argv[2] ?? home,
  bundle: true,
  minify: true,
  format: "iife",
  target: "es2022",
  charset: "utf8",
  legalComments: "none",
  banner: { js: "/* Casella webchat widget. MIT. Source: web/widget */" },
});
