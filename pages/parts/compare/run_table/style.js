// How the table looks. A line's height stands in table.js too.
export const STYLE = `
.runs { --line: var(--st-border-color, #C9CDD2); --faint: light-dark(#5F666D, #A9AFB6); --plus: light-dark(#0072B2, #56B4E9); --ground: var(--st-background-color, Canvas);
  --shade: var(--st-secondary-background-color, #F3F6F9); --height: 38px; font: inherit; font-size: 0.875rem; color: var(--st-text-color, inherit); }
.runs [hidden] { display: none !important; }
.runs button, .runs input, .runs select { font: inherit; color: inherit; }
.runs button { cursor: pointer; background: none; border: 1px solid transparent; border-radius: var(--st-base-radius, 8px); padding: 2px 6px; }
.runs :is(button, input, select, .scroll):focus-visible { outline: 2px solid var(--plus); outline-offset: -2px; }
.runs .bar { display: flex; flex-wrap: wrap; gap: 6px 8px; align-items: center; margin-bottom: 6px; }
.runs .bar :is(button, select, input) { min-height: 34px; border: 1px solid var(--line); border-radius: var(--st-base-radius, 8px); padding: 2px 8px; background: var(--ground); box-sizing: border-box; }
.runs .bar button:hover, .runs .bar [aria-pressed="true"] { border-color: var(--plus); color: var(--plus); }
.runs .search { flex: 1 1 9rem; min-width: 7rem; max-width: 20rem; } .runs .bar select { max-width: 16rem; } .runs .tagging { width: 7rem; }
.runs .order { display: none; } .runs .count { margin-left: auto; color: var(--faint); }
.runs .actions { display: flex; flex-wrap: wrap; gap: 4px; align-items: center; background: var(--shade); border-radius: var(--st-base-radius, 8px); padding: 2px 2px 2px 8px; } .runs .actions.idle { display: none; }
.runs .scroll { overflow: auto; max-height: max(15rem, min(32rem, 60vh)); border: 1px solid var(--line); border-radius: var(--st-base-radius, 8px); }
.runs table { border-collapse: separate; border-spacing: 0; min-width: 100%; }
.runs th, .runs td { text-align: left; padding: 0 8px; white-space: nowrap; max-width: 14rem; overflow: hidden; text-overflow: ellipsis; background: var(--ground); }
.runs tbody tr:not(.room) { height: var(--height); } .runs td { border-top: 1px solid color-mix(in srgb, var(--line) 60%, transparent); height: var(--height); box-sizing: border-box; }
.runs .room td { padding: 0; border: 0; height: 0; }
.runs thead :is(th, td) { position: sticky; top: 0; z-index: 2; background: var(--shade); border: 0; height: var(--height); font-weight: 600; }
.runs .sort { font-weight: 600; padding: 2px 0; white-space: nowrap; } .runs .sort:hover { color: var(--plus); } .runs .way { font-size: 0.7em; margin-left: 3px; }
.runs .figure { text-align: right; font-variant-numeric: tabular-nums; } .runs .choice { width: 44px; min-width: 44px; box-sizing: border-box; overflow: visible; }
.runs input[type="checkbox"] { width: 18px; height: 18px; margin: 0; accent-color: var(--plus); vertical-align: middle; }
.runs :is(th, td):is(.choice, .number) { position: sticky; left: 0; z-index: 1; } .runs :is(th, td).number { left: 44px; }
.runs thead :is(.choice, .number, .menu) { z-index: 3; } .runs :is(td, th).menu { position: sticky; right: 0; z-index: 1; padding: 0 4px; }
.runs .swatch { display: block; width: 28px; height: 4px; margin-top: 2px; } .runs .head .swatch { margin: 0; }
.runs tr.chosen td { background: color-mix(in srgb, var(--plus) 9%, var(--ground)); }
.runs tr:hover td { background: color-mix(in srgb, var(--plus) 5%, var(--ground)); } .runs tr.chosen:hover td { background: color-mix(in srgb, var(--plus) 14%, var(--ground)); }
.runs .star { font-size: 1.1rem; line-height: 1; padding: 4px; } .runs .star[aria-pressed="true"] { color: light-dark(#9A6300, #E69F00); }
.runs .edit { max-width: 100%; overflow: hidden; text-overflow: ellipsis; text-align: left; padding: 4px; margin-left: -4px; } .runs .edit:hover { border-color: var(--line); }
.runs td.name .edit { max-width: 13rem; } /* no share of the cell, which others would take */
.runs .edit.empty { color: var(--faint); opacity: 0; } .runs :is(tr:hover, tr:focus-within) .edit.empty { opacity: 1; }
.runs .field { width: 11rem; max-width: 100%; box-sizing: border-box; min-height: 30px; border: 1px solid var(--plus); border-radius: 6px; padding: 2px 6px; background: var(--ground); }
.runs .tag { display: inline-block; padding: 0 6px; margin-right: 4px; border-radius: 8px; background: color-mix(in srgb, var(--plus) 14%, transparent); }
.runs .faint { color: var(--faint); } .runs .group td { background: var(--shade); } .runs .fold { font-weight: 600; }
.runs .failed { color: light-dark(#B23A00, #FF8A5B); } .runs .running, .runs .queued { color: var(--plus); }
.runs .popup { position: fixed; margin: 0; inset: auto; padding: 4px; border: 1px solid var(--line); border-radius: 8px; background: var(--ground); color: inherit; box-shadow: 0 4px 16px rgb(0 0 0 / 25%); }
.runs .popup button { display: block; width: 100%; text-align: left; min-height: 34px; padding: 4px 12px; } .runs .popup button:hover { background: var(--shade); }
.runs p { margin: 8px 0; } .runs .further { width: 100%; min-height: 44px; margin-top: 8px; border-color: var(--line); }
.runs.narrow .scroll { max-height: none; overflow: visible; border: 0; } .runs.narrow table, .runs.narrow tbody { display: block; } .runs.narrow .order { display: block; }
.runs.narrow tr:not([hidden]) { display: block; height: auto; } .runs.narrow td { display: block; max-width: none; white-space: normal; height: auto; padding: 8px; border: 1px solid var(--line); border-radius: 8px; margin-bottom: 8px; }
.runs.narrow .room { display: none; } .runs.narrow .head { display: flex; align-items: center; gap: 8px; } .runs.narrow .head .name { flex: 1 1 auto; min-width: 0; overflow: hidden; }
.runs.narrow .choice { width: auto; min-width: 0; } .runs.narrow .card :is(.choice, .number) { position: static; } .runs.narrow .edit.empty { opacity: 1; } .runs.narrow .edit { white-space: nowrap; margin-left: 0; }
.runs.narrow .marks { display: flex; flex-wrap: wrap; gap: 0 12px; } .runs.narrow .marks > * { min-width: 0; max-width: 100%; } .runs.narrow .field { width: 100%; }
@media (pointer: coarse) { .runs { --height: 48px; } .runs .bar :is(button, select, input), .runs .popup button, .runs .star, .runs .more { min-height: 44px; min-width: 44px; } .runs .edit.empty { opacity: 1; } .runs input[type="checkbox"] { width: 24px; height: 24px; } }
`;
