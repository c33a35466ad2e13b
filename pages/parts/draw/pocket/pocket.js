// The live reading without a server: what the pocket file opens with.

import { Drawing } from "./drawing.js";
import { unpackNetwork } from "./reader.js";
import { unpackRefusal } from "./refusal.js";
import { View } from "./view.js";
import { learn } from "./words.js";

const nothing = () => {};

/**
 * Show canvas and bars in `parent`. `weights` and `judge` are packed, of the judge nothing where there is none;
 * `told` has the words and what `View.use` wants to know.
 */
export async function open(parent, { weights, judge, told }) {
  await learn(new URL(`data:application/json,${encodeURIComponent(JSON.stringify(told.words))}`));
  const view = new View(parent, new Drawing(), { onRest: nothing, onTurnAway: nothing });
  view.use(unpackNetwork(weights), { ...told, refusal: judge.length ? unpackRefusal(judge) : null });
}
