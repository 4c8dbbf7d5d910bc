import assert from "node:assert/strict";
import { test } from "node:test";
import { DAYS, inPeace } from "../src/store/peace.ts";

const at = (iso: string): number => Date.parse(iso);
const EVENINGS = { days: [...DAYS].slice(0, 5), begins: "19:00", ends: "08:00" };

test("hours over midnight belong to the day on which they begin, in the zone that they name", () => {
  const peace = { hours: [EVENINGS], timezone: "Europe/Rome" };
  assert.equal(inPeace(peace, at("2026-11-30T17:59:00Z"), ""), false); // Monday, 18:59 in Rome
  assert.equal(inPeace(peace, at("2026-11-30T18:00:00Z"), ""), true);
  assert.equal(inPeace(peace, at("2026-12-01T06:59:00Z"), ""), true);
  assert.equal(inPeace(peace, at("2026-12-01T07:00:00Z"), ""), false);
  assert.equal(inPeace(peace, at("2026-12-05T05:00:00Z"), ""), true); // what began on Friday
  assert.equal(inPeace(peace, at("2026-12-05T19:00:00Z"), ""), false); // Saturday evening
  assert.equal(inPeace(peace, at("2026-11-30T05:00:00Z"), ""), false); // Sunday has none that runs on into Monday
});

test("without a zone they are in the usual one, and a zone that this browser lacks is here", () => {
  const noon = { hours: [{ days: ["monday" as const], begins: "12:00", ends: "13:00" }] };
  assert.equal(inPeace(noon, at("2026-11-30T03:30:00Z"), "Asia/Tokyo"), true);
  assert.equal(inPeace(noon, at("2026-11-30T12:30:00Z"), "Asia/Tokyo"), false);
  const here = new Date(2026, 10, 30, 12, 30).getTime();
  assert.equal(inPeace({ ...noon, timezone: "Nowhere/Here" }, here, ""), true);
});

test("the same moment twice is a whole day, and until is until", () => {
  const sunday = {
    hours: [{ days: ["sunday" as const], begins: "00:00", ends: "00:00" }],
    timezone: "Europe/Rome",
  };
  assert.equal(inPeace(sunday, at("2026-11-29T00:00:00Z"), ""), true);
  assert.equal(inPeace(sunday, at("2026-11-29T22:59:00Z"), ""), true);
  assert.equal(inPeace(sunday, at("2026-11-29T23:00:00Z"), ""), false);
  assert.equal(inPeace({ until: "2026-11-30T10:00:00Z" }, at("2026-11-30T09:59:59Z"), ""), true);
  assert.equal(inPeace({ until: "2026-11-30T10:00:00Z" }, at("2026-11-30T10:00:00Z"), ""), false);
  assert.equal(inPeace(undefined, 0, ""), false);
});
