// The live reading without a server: what the pocket file opens with.

import { Drawing } from "./drawing.js";
import { unpackNetwork } from "./reader.js";
import { View } from "./view.js";
import { learn } from "./words.js";

/** Show canvas and bars in `parent`, for packed weights; `told` has words, names, named and prompt. */
export async function open(parent, packed, told) {
  await learn(new URL(`data:application/json,${encodeURIComponent(JSON.stringify(told.words))}`));
  const view = new View(parent, new Drawing(), () => {});
  view.use(unpackNetwork(packed), told);
}
