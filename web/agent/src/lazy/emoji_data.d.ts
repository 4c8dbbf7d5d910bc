// Made by the build from emojibase-data: name of the group, and its emoji, a line each.
declare module "emoji:en" {
  export const groups: readonly (readonly [string, string])[];
}
declare module "emoji:it" {
  export const groups: readonly (readonly [string, string])[];
}
