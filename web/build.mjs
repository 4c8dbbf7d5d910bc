// Builds the widget and the agents' page into the packages that serve them. `node build.mjs FOLDER` writes both into
// FOLDER instead; `--watch` builds again whenever a file changes.
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
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
  entryPoints: [
    { in: "agent/src/main.tsx", out: "app" },
    { in: "agent/src/css/page.css", out: "app" },
    { in: "agent/src/sw.ts", out: "sw" },
  ],
  outdir: agentFolder,
  format: "esm",
  target: ["es2022", "chrome123", "firefox120", "safari17.5"],
  splitting: true,
  chunkNames: "chunk-[name]-[hash]",
  jsx: "automatic",
  jsxImportSource: "preact",
  metafile: true,
  plugins: [
    { name: "one-eager-file", setup: oneEagerFile },
    { name: "shell", setup: ({ onEnd }) => onEnd(shell) },
  ],
};

/** What is loaded later and what is loaded first share code, which a splitting bundler puts into files of its own: four
 * requests before anything is seen. If all of them import the whole beginning, that is one file. */
function oneEagerFile({ onLoad }) {
  onLoad({ filter: /agent\/src\/(text\/(en|it)|lazy\/(all|emoji))\.tsx?$/ }, ({ path }) => ({
    contents: `import "../main.tsx";\n${readFileSync(path, "utf8")}`,
    loader: path.endsWith("x") ? "tsx" : "ts",
  }));
}

/** The page that loads what was built, by its digest; chunks of earlier builds go, and so does the entry, which only
 * imports the one eager chunk. */
function shell({ errors, metafile }) {
  if (errors.length) return;
  const [entry, { imports }] = Object.entries(metafile.outputs).find(([path]) => path.endsWith("/app.js"));
  const eager = imports.filter((one) => one.kind === "import-statement").map((one) => basename(one.path));
  if (eager.length !== 1) throw new Error(`more than one file is eager: ${eager.join(", ")}`);
  const made = new Set(Object.keys(metafile.outputs).map((path) => basename(path)));
  for (const name of readdirSync(agentFolder))
    if ((name.startsWith("chunk-") && !made.has(name)) || name === basename(entry))
      rmSync(join(agentFolder, name));
  const digest = (name) =>
    createHash("sha256")
      .update(readFileSync(join(agentFolder, name)))
      .digest("hex")
      .slice(0, 12);
  const page = readFileSync(join(here, "agent/index.html"), "utf8")
    .replace("%app.css%", `/app/assets/app.css?v=${digest("app.css")}`)
    .replace("%app.js%", `/app/assets/${eager[0]}`);
  writeFileSync(join(agentFolder, "index.html"), page);
  for (const name of ["icon.svg", "manifest.webmanifest"])
    writeFileSync(join(agentFolder, name), readFileSync(join(here, "agent", name)));
}

mkdirSync(agentFolder, { recursive: true });
if (watch) for (const options of [widget, agent]) await (await context(options)).watch();
else await Promise.all([build(widget), build(agent)]);
