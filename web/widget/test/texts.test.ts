import assert from "node:assert/strict";
import { test } from "node:test";
import { chooseLanguage, LANGUAGES, say, saySize, sayWhen, type TextKey } from "../src/texts.ts";

test("every language says everything, with the same gaps to fill", () => {
  const gaps = (text: string) => [...text.matchAll(/\{\w+\}/g)].map(String).sort();
  for (const [language, texts] of Object.entries(LANGUAGES))
    for (const key of Object.keys(LANGUAGES.en ?? {}) as TextKey[])
      assert.deepEqual(
        gaps(texts[key]),
        gaps(say("en", key, {}) && (LANGUAGES.en?.[key] ?? "")),
        `${language}.${key}`,
      );
});

test("the first language that is spoken here is chosen", () => {
  assert.equal(chooseLanguage("it-CH"), "it");
  assert.equal(chooseLanguage("de", "it"), "it");
  assert.equal(chooseLanguage(null, "zz", "toString"), "en");
});

test("times and sizes are said in the reader's language", () => {
  const now = new Date(2026, 10, 22, 20, 0);
  const morning = new Date(2026, 10, 23, 9, 0).toISOString();
  assert.match(sayWhen("en", morning, now), /^tomorrow, 9:00/);
  assert.match(sayWhen("it", morning, now), /^domani, 0?9:00/);
  assert.match(sayWhen("it", new Date(2026, 10, 26, 9, 0).toISOString(), now), /^giovedì 26 novembre/);
  assert.equal(saySize("it", 1_500_000), "1,5 MB");
  assert.equal(saySize("en", 900), "1 kB");
});
