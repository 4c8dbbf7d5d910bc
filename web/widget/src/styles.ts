// One constructable stylesheet: a page's content security policy forbids inline styles, and does not concern these.
// Every --casella-… may be set by the page.
export const CSS = `
:host {
  all: initial; color-scheme: inherit; position: fixed; z-index: var(--casella-z, 2147483000);
  inset-block-end: var(--casella-inset, 20px); inset-inline-end: var(--casella-inset, 20px);
  --accent: var(--casella-accent, #1d5fd1); --on-accent: var(--casella-on-accent, #fff);
  --surface: var(--casella-surface, light-dark(#fff, #1c1f24)); --text: var(--casella-text, light-dark(#1c2430, #f0f2f5));
  --muted: var(--casella-muted, light-dark(#556070, #b0b8c4)); --border: var(--casella-border, light-dark(#d5dae2, #3b424d));
  --theirs: var(--casella-theirs, light-dark(#eef1f6, #2c323b)); --radius: var(--casella-radius, 14px);
  --danger: var(--casella-danger, light-dark(#b3261e, #ffb4ab));
  font: 15px/1.45 var(--casella-font, system-ui, sans-serif); color: var(--text);
}
:host([hidden]) { display: none; }
* { box-sizing: border-box; font: inherit; }
svg { width: 22px; height: 22px; fill: none; stroke: currentColor; stroke-width: 2; stroke-linecap: round; stroke-linejoin: round; display: block; }
button { cursor: pointer; border: 0; background: none; color: inherit; padding: 0; }
button:disabled { opacity: .5; cursor: default; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
.accent { background: var(--accent); color: var(--on-accent); }
.accent:focus-visible { outline-color: var(--text); }
.launcher { width: 56px; height: 56px; border-radius: 50%; display: grid; place-items: center; position: relative; box-shadow: 0 4px 16px rgb(0 0 0 / .25); margin-inline-start: auto; }
.launcher svg { width: 26px; height: 26px; }
.badge { position: absolute; inset-block-start: -4px; inset-inline-end: -4px; min-width: 22px; height: 22px; padding: 0 6px; border-radius: 11px; background: #b3261e; color: #fff; font-size: 13px; font-weight: 600; display: grid; place-items: center; }
.panel { width: 370px; max-width: calc(100vw - 2 * var(--casella-inset, 20px)); height: 560px; max-height: calc(100dvh - 110px); margin-block-end: 12px; display: flex; flex-direction: column; background: var(--surface); border: 1px solid var(--border); border-radius: var(--radius); box-shadow: 0 10px 40px rgb(0 0 0 / .25); overflow: hidden; animation: rise .18s ease-out; }
[hidden] { display: none !important; }
@keyframes rise { from { opacity: 0; transform: translateY(12px); } }
header { display: flex; align-items: center; gap: 8px; padding: 14px 16px; }
h2 { text-align: start; margin: 0; font-size: 17px; font-weight: 600; flex: 1; overflow-wrap: anywhere; }
header button { width: 32px; height: 32px; display: grid; place-items: center; border-radius: 8px; }
header button:focus-visible { outline-color: var(--on-accent); outline-offset: -2px; }
.notice { margin: 0; padding: 8px 16px; font-size: 14px; background: var(--theirs); border-block-end: 1px solid var(--border); }
.scroll { flex: 1; overflow-y: auto; padding: 16px; overscroll-behavior: contain; }
.scroll:focus-visible { outline-offset: -3px; }
ol, ul { list-style: none; margin: 0; padding: 0; }
.older { display: block; margin: 0 auto 12px; color: var(--accent); text-decoration: underline; padding: 4px 8px; }
.greeting { margin: 0 0 14px; color: var(--muted); }
.line { display: flex; flex-direction: column; align-items: flex-start; margin-block-end: 10px; }
.line.mine { align-items: flex-end; }
.bubble { max-width: 85%; padding: 8px 12px; border-radius: 12px; background: var(--theirs); overflow-wrap: anywhere; white-space: pre-wrap; }
.said { display: flex; align-items: center; gap: 2px; max-width: 100%; }
.mine .said { flex-direction: row-reverse; }
.line:focus { outline: none; }
.line:focus .bubble { outline: 3px solid var(--accent); outline-offset: 2px; }
.reply { width: 32px; height: 32px; display: grid; place-items: center; border-radius: 8px; color: var(--muted); opacity: 0; }
.reply svg { width: 18px; height: 18px; }
.line:hover .reply, .reply:focus-visible { opacity: 1; }
@media (hover: none) { .reply { opacity: 1; } }
.quote { display: block; width: 100%; text-align: start; font-size: 13px; padding: 2px 8px; margin-block-end: 4px; border-inline-start: 3px solid currentColor; overflow-wrap: anywhere; white-space: normal; }
.quote b { display: block; font-weight: 600; }
.quote:focus-visible { outline-color: currentColor; }
.quoting { margin-block-end: 8px; }
.quoting span { flex: 1; }
.mine .bubble { background: var(--accent); color: var(--on-accent); }
.bubble a { color: inherit; }
.bubble img { display: block; max-width: 100%; max-height: 220px; border-radius: 8px; margin-block: 2px; }
.meta { font-size: 12px; color: var(--muted); margin-block-start: 2px; }
.meta.bad { color: var(--danger); }
.meta button { text-decoration: underline; margin-inline-start: 6px; }
.typing { min-height: 22px; padding: 0 16px; font-size: 13px; color: var(--muted); margin: 0; }
form { border-block-start: 1px solid var(--border); padding: 10px 12px; }
.row { display: flex; align-items: flex-end; gap: 8px; }
textarea, input:not([type=file]) { width: 100%; border: 1px solid var(--border); border-radius: 10px; padding: 8px 10px; background: var(--surface); color: var(--text); resize: none; }
textarea { max-height: 140px; min-height: 40px; field-sizing: content; }
::placeholder { color: var(--muted); opacity: 1; }
.tool { width: 40px; height: 40px; border-radius: 10px; display: grid; place-items: center; flex: none; }
.chips { display: flex; flex-wrap: wrap; gap: 6px; }
.chips:not(:empty) { margin-block-end: 8px; }
.chip { display: flex; align-items: center; gap: 4px; max-width: 100%; padding: 3px 4px 3px 10px; border-radius: 8px; background: var(--theirs); font-size: 13px; }
.chip span { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.chip button { width: 24px; height: 24px; display: grid; place-items: center; }
.chip svg { width: 14px; height: 14px; }
.problem { margin: 0; font-size: 13px; color: var(--danger); }
.problem:not(:empty) { margin-block-end: 8px; }
.intro { flex: 1; overflow-y: auto; border: 0; padding: 16px; display: flex; flex-direction: column; gap: 12px; }
.intro p { margin: 0; }
label { display: block; }
label span { display: block; font-size: 14px; margin-block-end: 4px; }
.start { padding: 10px 14px; border-radius: 10px; font-weight: 600; }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
@media (max-width: 480px) {
  .panel { position: fixed; inset: 0; width: auto; max-width: none; height: auto; max-height: none; margin: 0; border: 0; border-radius: 0; }
  .panel:not([hidden]) + .launcher { display: none; }
}
@media (prefers-reduced-motion: reduce) { * { animation: none !important; transition: none !important; scroll-behavior: auto !important; } }
@media (forced-colors: active) { .launcher, .panel, .bubble { border: 1px solid; } }
@media print { :host { display: none; } }
`;
