// The picture is white on black in both themes, as the network sees it; yellow tells on both.
export const STYLE = `
.editor { font: inherit; color: var(--st-text-color, inherit); font-size: 0.875rem; line-height: 1.35; }
.editor canvas { display: block; width: 100%; max-width: 420px; aspect-ratio: 1; border-radius: 4px; cursor: crosshair; touch-action: none; }
.editor canvas:focus-visible { outline: 3px solid light-dark(#0072B2, #56B4E9); outline-offset: 2px; }
.editor p { margin: 4px 0; } .editor .note { color: light-dark(#5F656C, #A9AFB6); font-size: 0.8rem; } .editor .where { min-height: 1.35em; font-variant-numeric: tabular-nums; }
.editor .buttons { display: flex; gap: 8px; margin: 8px 0; }
.editor button { font: inherit; color: inherit; background: transparent; min-height: 44px; padding: 4px 14px; cursor: pointer; border: 1px solid var(--st-border-color, #8A8A8A); border-radius: var(--st-base-radius, 8px); }
.editor button:hover:enabled, .editor button:focus-visible { border-color: var(--st-primary-color); }
.editor button:focus-visible { outline: 3px solid light-dark(#0072B2, #56B4E9); outline-offset: 1px; }
.editor button:disabled { opacity: 0.5; cursor: default; }
`;
