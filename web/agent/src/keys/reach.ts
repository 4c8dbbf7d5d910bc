// What keys reach into: views say here what they can do while they are there.
export interface ListReach {
  move: (by: number) => void;
  at: () => string;
}
export interface ComposerReach {
  focus: (kind: "reply" | "note") => void;
}

let list: ListReach | null = null;
let composer: ComposerReach | null = null;
let wish: { kind: "reply" | "note"; until: number } | null = null;
const PATIENCE = 5_000;

export const registerList = (reach: ListReach): (() => void) => {
  list = reach;
  return () => {
    if (list === reach) list = null;
  };
};
/** There, or as soon as it is there. */
export const focusComposer = (kind: "reply" | "note"): void => {
  if (composer) composer.focus(kind);
  else wish = { kind, until: Date.now() + PATIENCE };
};
export const registerComposer = (reach: ComposerReach): (() => void) => {
  composer = reach;
  if (wish && Date.now() < wish.until) reach.focus(wish.kind);
  wish = null;
  return () => {
    if (composer === reach) composer = null;
  };
};
export const theList = (): ListReach | null => list;
