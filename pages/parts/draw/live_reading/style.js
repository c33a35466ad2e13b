// How the live reading looks. The colours are those of the palette, see core/figures/palette.py.
export const STYLE = `
.live { --reading: #CC79A7; --neutral: #8A8A8A; --faint: light-dark(#5F666D, #A9AFB6); --line: light-dark(#C9CDD2, #4A4F57);
  --plus: light-dark(#0072B2, #56B4E9); --ground: var(--st-background-color, Canvas);
  font: inherit; line-height: 1.35; color: var(--st-text-color, inherit); container-type: inline-size; }
.live [hidden] { display: none !important; }
.live p, .live ul, .live figure, .live h2 { margin: 0; padding: 0; }
.live .frame { display: grid; grid-template-columns: auto auto minmax(0, 1fr); grid-template-rows: auto 1fr; column-gap: 12px;
  grid-template-areas: "tools paper verdict" "tools paper answer"; align-items: start; }
.live .verdict { grid-area: verdict; padding: 0 0 4px 12px; }
.live .answer { grid-area: answer; padding-left: 12px; }
.live .words { font-size: 1.5rem; font-weight: 600; line-height: 1.2; }
.live .words.note { font-size: 1rem; line-height: 1.8rem; font-weight: 400; color: var(--faint); }
.live .words { min-height: 1.2em; } .live .why { min-height: 1.35em; }
.live .bars.refused .track { opacity: 0.5; }
.live .said { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
.live .paper { grid-area: paper; position: relative; width: min(max(480px, 60vh), 47vw, 100cqw - 56px); aspect-ratio: 1; box-sizing: border-box;
  border: 1px solid var(--neutral); border-radius: 8px; overflow: hidden; background: light-dark(#FFFFFF, #0E1216); color: light-dark(#111111, #F4F6F8); }
.live .paper::before { content: ""; position: absolute; inset: calc((100% - 100% * var(--guide)) / 2); border: 1px dashed var(--line); border-radius: 4px; pointer-events: none; }
.live .ink { position: absolute; inset: 0; width: 100%; height: 100%; touch-action: none; cursor: crosshair; -webkit-user-select: none; user-select: none; -webkit-touch-callout: none; }
.live .ink:focus-visible, .live button:focus-visible, .live input:focus-visible { outline: 3px solid var(--plus); outline-offset: -3px; }
.live .ink.by-pointer:focus-visible { outline: none; }
.live.erasing .ink { cursor: cell; }
.live .prompt { position: absolute; inset: 0; display: grid; place-items: center; text-align: center; padding: 15%; color: var(--faint); pointer-events: none; }
.live .cursor { position: absolute; width: 23px; height: 23px; margin: -11px 0 0 -11px; pointer-events: none; border-radius: 50%;
  background: linear-gradient(var(--plus), var(--plus)) 50% / 3px 100% no-repeat, linear-gradient(var(--plus), var(--plus)) 50% / 100% 3px no-repeat; }
.live .cursor.down { outline: 3px solid var(--plus); }
.live .tools { grid-area: tools; display: flex; flex-direction: column; gap: 6px; }
.live button { font: inherit; color: inherit; background: none; border: 1px solid transparent; border-radius: 8px; cursor: pointer; }
.live .tools button { width: 44px; height: 44px; padding: 0; border-color: var(--line); }
.live .tools button:hover { border-color: var(--plus); color: var(--plus); }
.live .tools button[aria-pressed="true"] { border-color: var(--plus); color: var(--plus); box-shadow: inset 0 0 0 1px var(--plus); }
.live .tools button[aria-disabled="true"] { opacity: 0.4; cursor: default; }
.live .tools svg { width: 24px; height: 24px; fill: none; stroke: currentColor; stroke-width: 1.8; stroke-linecap: round; stroke-linejoin: round; vertical-align: middle; }
.live .bars { list-style: none; font-variant-numeric: tabular-nums; }
.live .bars li { display: grid; grid-template-columns: minmax(1.2em, max-content) minmax(0, 1fr) 4.6em; gap: 10px; align-items: center; min-height: 22px; }
.live .track { height: 14px; border-radius: 3px; background: color-mix(in srgb, var(--neutral) 20%, transparent); overflow: hidden; }
.live .track i { display: block; width: 100%; height: 100%; background: var(--neutral); transform-origin: left; transform: scaleX(var(--share, 0)); }
.live .most .name, .live .most .share { font-weight: 700; } .live .most .track i { background: var(--reading); }
.live .share { text-align: right; white-space: nowrap; }
.live h2 { font-size: 0.95rem; font-weight: 600; margin: 10px 0 4px; }
.live h2 small { font-weight: 400; font-size: 0.8rem; color: var(--faint); margin-left: 6px; }
.live .strip { display: grid; grid-template-columns: repeat(4, minmax(0, 100px)); gap: 8px; text-align: center; font-size: 0.8rem; }
.live .picture { display: block; width: 100%; aspect-ratio: 1; box-sizing: border-box; object-fit: contain; background: #000; image-rendering: pixelated; border: 1px solid var(--line); border-radius: 4px; }
.live figcaption { padding: 4px 0; }
.live [role="switch"] { width: 100%; min-height: 30px; padding: 2px; display: flex; flex-wrap: wrap; justify-content: center; align-items: center; gap: 0 5px; }
.live [role="switch"] i { width: 22px; height: 12px; border-radius: 6px; border: 1px solid currentColor; box-sizing: border-box; position: relative; flex: none; }
.live [role="switch"] i::after { content: ""; position: absolute; top: 1px; left: 1px; width: 8px; height: 8px; border-radius: 50%; background: currentColor; }
.live [aria-checked="true"] i { background: var(--plus); border-color: var(--plus); }
.live [aria-checked="true"] i::after { left: 11px; background: var(--ground); }
.live .settings { display: flex; flex-wrap: wrap; align-items: center; gap: 4px 20px; margin-top: 6px; font-size: 0.8rem; }
.live .settings [role="switch"] { width: auto; }
.live .width { display: flex; flex: 1 1 14rem; max-width: 20rem; align-items: center; gap: 10px; }
.live .width input { flex: 1 1 auto; min-width: 4rem; min-height: 28px; accent-color: var(--plus); }
@media (pointer: coarse) { .live [role="switch"], .live .width input { min-height: 44px; } }
@container (width < 720px) {
  .live .frame { grid-template-columns: minmax(0, 1fr); grid-template-rows: none; grid-template-areas: "verdict" "paper" "tools" "answer"; row-gap: 8px; }
  .live .verdict { box-sizing: border-box; height: 3.5rem; padding: 2px 0; overflow: hidden; position: sticky; top: var(--page-top, 0px); z-index: 3; background: var(--ground); }
  .live .words { font-size: 1.25rem; } /* two lines, or one and why: the paper must stay where it is */
  .live .answer { padding: 0; }
  .live .paper { width: min(100cqw, 85vh); }
  .live .tools { flex-direction: row; }
  .live .strip { grid-template-columns: repeat(4, minmax(0, 1fr)); }
  .live .bars.short { display: grid; grid-template-columns: repeat(10, minmax(0, 1fr)); gap: 4px; text-align: center; }
  .live .short li { grid-template-columns: minmax(0, 1fr); grid-template-areas: "track" "name" "share"; gap: 2px; justify-items: stretch; align-content: start; }
  .live .short .track { grid-area: track; height: 22px; } .live .short .track i { transform-origin: bottom; transform: scaleY(var(--share, 0)); }
  .live .short .name { grid-area: name; } .live .short .share { grid-area: share; justify-self: center; font-size: 0.72rem; min-height: 1.2em; }
}
`;
