// Colours after Okabe and Ito; what takes away is dashed as well. Told apart on white and on black.
// Nothing fades: two updates a second would keep a weak machine drawing all the time.
export const STYLE = `
.inside { --plus: light-dark(#0072B2, #56B4E9); --minus: light-dark(#D55E00, #E69F00);
  --right: light-dark(#00765A, #2FC79B); --wrong: light-dark(#B34E00, #FF9A52);
  --faint: light-dark(#6B7178, #A9AFB6); --line: light-dark(#C9CDD2, #4A4F57); }
.inside { font: inherit; color: var(--st-text-color, inherit); container-type: inline-size; font-size: 0.875rem; line-height: 1.35; }
.inside h2, .inside h3 { padding: 0; font-size: 0.95rem; font-weight: 600; margin: 0 0 4px; }
.inside p { margin: 0; } .inside .note { color: var(--faint); font-size: 0.8rem; }
.inside [hidden] { display: none !important; }
.inside section { margin: 0 0 14px; }
.inside button { font: inherit; color: inherit; background: none; border: 1px solid transparent; border-radius: 8px; cursor: pointer; padding: 2px; }
.inside button:focus-visible, .inside summary:focus-visible { outline: 3px solid var(--plus); outline-offset: 1px; }
.inside button[aria-pressed="true"] { border-color: var(--st-text-color, currentColor); }
.picture { display: block; box-sizing: border-box; image-rendering: pixelated; border: 1px solid var(--line); border-radius: 3px; }
.row { display: flex; flex-wrap: wrap; gap: 4px; }
.ten button { min-width: 46px; min-height: 64px; text-align: center; }
.ten .picture { width: 40px; height: 40px; margin: 0 auto 2px; }
.ten .right { color: var(--right); } .ten .wrong { color: var(--wrong); font-weight: 700; }
@container (width < 500px) { .ten { display: grid; grid-template-columns: repeat(10, minmax(0, 1fr)); gap: 0; }
  .ten button { min-width: 0; padding: 1px; } .ten .picture { width: min(32px, 100%); height: auto; aspect-ratio: 1; } }
@media (pointer: coarse) { .inside .ten { grid-template-columns: repeat(5, minmax(44px, 1fr)); } .inside .ten .picture { width: 40px; } }
.strip button { min-width: 48px; font-size: 0.75rem; } .strip .picture { width: 44px; height: 44px; }
svg.network { display: block; width: 100%; overflow: visible; touch-action: manipulation; }
svg.network text { fill: var(--st-text-color, currentColor); font-size: 11px; }
svg.network .title { font-weight: 600; text-anchor: middle; } svg.network .count { text-anchor: middle; font-size: 10px; }
svg.network line { pointer-events: none; }
svg.network line.minus { stroke: var(--minus); stroke-dasharray: 4 3; } svg.network line.plus { stroke: var(--plus); }
svg.network .unit { cursor: pointer; outline: none; }
svg.network .body { fill: var(--plus); stroke: var(--faint); stroke-width: 1; } svg.network .body.minus { fill: var(--minus); }
svg.network .ground { fill: var(--st-background-color, Canvas); }
svg.network .dead .body { stroke-dasharray: 2 2; } svg.network .saturated .body { stroke-width: 3; stroke: var(--st-text-color, currentColor); }
svg.network .cross { stroke: var(--st-text-color, currentColor); stroke-width: 1.5; display: none; } svg.network .dead .cross { display: inline; }
svg.network .unit[aria-pressed="true"] .ring, svg.network .unit:focus-visible .ring { stroke: var(--st-text-color, currentColor); }
svg.network .unit:focus-visible .ring { stroke: var(--plus); stroke-width: 3; } svg.network .ring { fill: none; stroke: none; stroke-width: 2; }
svg.network .share { fill: var(--plus); } svg.network .share-ground { fill: var(--line); }
.unit-detail { border: 1px solid var(--line); border-radius: 8px; padding: 10px; display: grid; gap: 12px; grid-template-columns: auto minmax(0, 1fr) auto; }
.unit-detail header { grid-column: 1 / -1; display: flex; justify-content: space-between; align-items: start; gap: 8px; }
.unit-detail .large { width: 140px; height: 140px; }
.unit-detail .close { min-width: 44px; min-height: 44px; }
.nine { display: grid; grid-template-columns: repeat(auto-fill, minmax(44px, 1fr)); max-width: 152px; min-width: 96px; gap: 4px; font-size: 0.72rem; } .nine figure { margin: 0; } .nine .picture { width: 44px; height: 44px; }
.scroll { overflow-x: auto; max-width: 100%; }
.inside table { border-collapse: collapse; font-variant-numeric: tabular-nums; } .inside td, .inside th { padding: 1px 10px 1px 0; text-align: right; white-space: nowrap; font-weight: 400; }
.inside th:first-child { text-align: left; } .inside thead th { color: var(--faint); } .inside tr.sum th, .inside tr.sum td { border-top: 1px solid var(--line); font-weight: 600; }
.bars { display: grid; grid-template-columns: repeat(10, minmax(0, 1fr)); gap: 4px; max-width: 420px; text-align: center; }
.bars .pole { height: 70px; display: flex; align-items: end; border-bottom: 1px solid var(--faint); } .bars i { display: block; width: 100%; background: var(--faint); }
.bars .first i { background: var(--plus); } .bars .first { font-weight: 700; }
.histograms { display: grid; grid-template-columns: repeat(auto-fill, minmax(150px, 1fr)); gap: 12px; } .histogram { display: flex; align-items: end; height: 48px; border-bottom: 1px solid var(--faint); }
.histogram i { flex: 1; background: var(--plus); } .ends { display: flex; justify-content: space-between; font-size: 0.72rem; color: var(--faint); }
.inside summary { cursor: pointer; min-height: 28px; }
.yours { display: flex; flex-wrap: wrap; gap: 14px; align-items: center; } .yours .picture { width: 84px; height: 84px; }
@container (width < 640px) { .unit-detail { grid-template-columns: 140px minmax(0, 1fr); } .unit-detail .sums { grid-column: 1 / -1; order: 3; } }

`;
