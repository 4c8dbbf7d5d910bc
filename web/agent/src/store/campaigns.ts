// How often the stream has told of a campaign; whoever shows one looks again.
import { signal } from "@preact/signals";

export const campaignTold = signal(0);
