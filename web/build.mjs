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
    { name: "emoji", setup: emoji },
    { name: "shell", setup: ({ onEnd }) => onEnd(shell) },
  ],
};

/** What is loaded later and what is loaded first share code, which a splitting bundler puts into files of its own: four
 * requests before anything is seen. If all of them import the whole beginning, that is one file. */
function oneEagerFile({ onLoad }) {
  onLoad(
    {
      filter:
        /agent\/src\/(text\/(en|it)(_more|_managing)?|(lazy|own|managing)\/(all|emoji|own|managing))\.tsx?$/,
    },
    ({ path }) => ({
      contents: `import "../main.tsx";\n${readFileSync(path, "utf8")}`,
      loader: path.endsWith("x") ? "tsx" : "ts",
    }),
  );
}

/** `emoji:en` and `emoji:it`: every emoji with its name and the words by which it is found, from emojibase-data, in the
 * order of Unicode's own groups. A line each: the emoji, `*` where it has tones of skin, name, words. */
function emoji({ onResolve, onLoad }) {
  onResolve({ filter: /^emoji:/ }, ({ path }) => ({ path: path.replace(":", "-"), namespace: "emoji" }));
  onLoad({ filter: /.*/, namespace: "emoji" }, ({ path }) => {
    const language = path.slice("emoji-".length);
    const read = (name) =>
      JSON.parse(readFileSync(join(here, "node_modules/emojibase-data", language, `${name}.json`), "utf8"));
    const COMPONENTS = 2;
    const lines = (group) =>
      read("compact")
        .filter((one) => one.group === group)
        .sort((a, b) => a.order - b.order)
        .map(
          (one) => `${one.unicode}${hasTones(one) ? "*" : ""}\t${one.label}\t${(one.tags ?? []).join(" ")}`,
        );
    const groups = read("messages")
      .groups.filter(({ order }) => order !== COMPONENTS)
      .sort((a, b) => a.order - b.order)
      .map(({ order, message }) => [message, lines(order).join("\n")]);
    return { contents: `export const groups = ${JSON.stringify(groups)};`, loader: "js" };
  });
}

/** Whether a tone is written behind its first sign, as it is in nearly all of them. */
const LIGHT = "\u{1f3fb}";
const hasTones = ({ unicode, skins }) => {
  const [first, ...rest] = [...unicode];
  return skins?.[0]?.unicode === first + LIGHT + rest.join("").replace(/^\ufe0f/, "");
};

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
  const icons = readdirSync(join(here, "agent")).filter((name) => name.startsWith("icon"));
  for (const name of [...icons, "manifest.webmanifest"])
    writeFileSync(join(agentFolder, name), readFileSync(join(here, "agent", name)));
}

mkdirSync(agentFolder, { recursive: true });
if (watch) for (const options of [widget, agent]) await (await context(options)).watch();
else await Promise.all([build(widget), build(agent)]);
