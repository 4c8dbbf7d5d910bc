/** Text where the caret is, or instead of a part; the caret stands behind it. */
export const insertAt = (
  box: HTMLTextAreaElement | HTMLInputElement,
  text: string,
  from = box.selectionStart ?? box.value.length,
  to = box.selectionEnd ?? box.value.length,
): void => {
  box.focus();
  box.setRangeText(text, from, to, "end");
  box.dispatchEvent(new Event("input", { bubbles: true }));
};
