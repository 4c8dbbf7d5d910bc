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

export const registerList = (reach: ListReach): (() => void) => {
  list = reach;
  return () => {
    if (list === reach) list = null;
  };
};
export const registerComposer = (reach: ComposerReach): (() => void) => {
  composer = reach;
  return () => {
    if (composer === reach) composer = null;
  };
};
export const theList = (): ListReach | null => list;
export const theComposer = (): ComposerReach | null => composer;
