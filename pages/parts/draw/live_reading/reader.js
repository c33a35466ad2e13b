// The one entry to the arithmetic of live reading: ink → picture → probabilities.

import { ALL_STEPS, networkInputSteps } from "./mnist_form.js";
import { INK_CANVAS } from "./pen.js";

export { outputsOf, readPicture, unpackNetwork } from "./network.js";

/** Return { drawn, cropped, scaled, picture } of the canvas' ink, or null where it is blank: see mnist_form.js. */
export function inkToPicture(ink, steps = ALL_STEPS) {
  return networkInputSteps({ data: ink, width: INK_CANVAS, height: INK_CANVAS }, steps);
}

/** Return the bytes that were deflated (raw, or with zlib's or gzip's frame). */
export async function inflated(bytes, form = "deflate-raw") {
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream(form));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}
