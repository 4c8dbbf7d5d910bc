// What the list of campaigns and each of them have in common.
import { useEffect, useState } from "preact/hooks";
import type { Campaign } from "../api/types.ts";
import { campaignTold } from "../store/campaigns.ts";
import { number } from "../text/format.ts";
import { m } from "./words.ts";

const PAUSE = 1_500;
/** The number of times that was told of a campaign, at most every moment: a running one tells often. */
export const useTold = (): number => {
  const told = campaignTold.value;
  const [seen, put] = useState(told);
  useEffect(() => {
    if (seen === told) return;
    const timer = setTimeout(() => put(campaignTold.peek()), PAUSE);
    return () => clearTimeout(timer);
  }, [seen, seen === told]);
  return seen;
};

const TONES: Partial<Record<Campaign["state"], string>> = {
  draft: "draft",
  paused: "wait",
  sending: "here",
  gathering: "here",
};
export const StatePill = ({ of }: { of: Campaign }) => (
  <span class={`pill ${TONES[of.state] ?? ""}`}>{m().state(of.state)}</span>
);

export const people = (count: number): string => m().people(count, number(count));
