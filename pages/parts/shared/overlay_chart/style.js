// What the overlay chart and the table beside it look like.

export const STYLE = `
.overlay-chart { position: relative; display: flex; gap: 0.75rem; align-items: flex-start; flex-wrap: wrap }
.overlay-plot { position: relative; flex: none }
.overlay-cursor { position: absolute; width: 0; border-left: 1.5px dashed currentColor; opacity: 0.6; pointer-events: none }
.overlay-readout { flex: 1 1 230px; min-width: 0; overflow: auto; font-size: 12px; line-height: 1.35 }
.overlay-readout table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums }
.overlay-readout caption { text-align: left; font-weight: 600; padding: 0 0 2px; font-size: 13px }
.overlay-readout th { font-weight: 400; opacity: 0.75; text-align: right; padding: 0 4px; white-space: nowrap }
.overlay-readout td { text-align: right; padding: 0 4px; white-space: nowrap }
.overlay-readout th.name { text-align: left; padding: 0 }
.overlay-readout tbody th { width: 100%; max-width: 0; opacity: 1; text-align: left; padding: 0 }
.overlay-readout tbody.away { opacity: 0.7; text-decoration: line-through }
.overlay-readout td.best { font-weight: 700; text-decoration: underline }
.overlay-readout button { all: unset; box-sizing: border-box; display: flex; gap: 5px; align-items: center; width: 100%; cursor: pointer; min-height: 17px }
.overlay-readout button:focus-visible { outline: 2px solid currentColor; outline-offset: -2px }
.overlay-readout button span { overflow: hidden; text-overflow: ellipsis; white-space: nowrap }
.overlay-readout svg { flex: none }
.overlay-note { font-size: 12px; opacity: 0.75; margin: 4px 0 0; min-height: 1.5em }
@media (pointer: coarse) { .overlay-readout button { min-height: 32px } }
`;
