// Builds the widget and the agents' page into the packages that serve them. `node build.mjs FOLDER` writes both into
// FOLDER instead; `--watch` builds again whenever a file changes.
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build, context } from "esbuild";

const here = fileURLToPath(new URL(".", import.meta.url));
const watch = process.argv.includes("--watch");
const elsewhere = process.argv.slice(2).find((one) => !one.startsWith("--"));
const widgetFile = elsewhere
  ? join(elsewhere, "widget.js")
  : join(here, "../plugins/webchat/casella_webchat/static/widget.js");
const agentFolder = elsewhere ? join(elsewhere, "agent") : join(here, "../worker/casella/api/static/agent");

const common = {
  absWorkingDir: here,
  bundle: true,
  minify: true,
  target: "es2022",
  charset: "utf8",
  legalComments: "none",
};

const widget = {
  ...common,
  entryPoints: ["widget/src/index.ts"],
  outfile: widgetFile,
  format: "iife",
  banner: { js: "/* Casella webchat widget. MIT. Source: web/widget */" },
};

const agent = {
  ...common,
  entryPoints: { app: "agent/src/main.tsx", sw: "agent/src/sw.ts" },
  outdir: agentFolder,
  format: "esm",
  target: ["es2022", "chrome123", "firefox120", "safari17.5"],
  splitting: true,
  chunkNames: "chunk-[name]-[hash]",
  jsx: "automatic",
  jsxImportSource: "preact",
  metafile: true,
  plugins: [{ name: "shell", setup: ({ onEnd }) => onEnd(shell) }],
};

/** The page that loads what was built, by its digest; chunks of earlier builds go. */
function shell({ errors, metafile }) {
  if (errors.length) return;
  const made = new Set(Object.keys(metafile.outputs).map((path) => path.split("/").at(-1)));
  for (const name of readdirSync(agentFolder))
    if (name.startsWith("chunk-") && !made.has(name)) rmSync(join(agentFolder, name));
  const digest = (name) =>
    createHash("sha256")
      .update(readFileSync(join(agentFolder, name)))
      .digest("hex")
      .slice(0, 12);
  const eager = Object.entries(metafile.outputs)
    .find(([path]) => path.endsWith("/app.js"))[1]
    .imports.filter((one) => one.kind === "import-statement");
  const preload = eager
    .map((one) => `<link rel="modulepreload" href="/app/assets/${one.path.split("/").at(-1)}" />`)
    .sort()
    .join("\n    ");
  const page = readFileSync(join(here, "agent/index.html"), "utf8")
    .replace(/%(app\.\w+)%/g, (_, name) => `/app/assets/${name}?v=${digest(name)}`)
    .replace("<!-- preload -->", preload);
  writeFileSync(join(agentFolder, "index.html"), page);
  for (const name of ["icon.svg", "manifest.webmanifest"])
    writeFileSync(join(agentFolder, name), readFileSync(join(here, "agent", name)));
}

mkdirSync(agentFolder, { recursive: true });
if (watch) for (const options of [widget, agent]) await (await context(options)).watch();
else await Promise.all([build(widget), build(agent)]);
