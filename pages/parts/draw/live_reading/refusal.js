// Whether a picture is anything that the network has learnt: what core/prediction/refusal.py computes, in the browser.

import { outputsFrom, unpackNetwork } from "./network.js";

const MAGIC = 0x46524c44; // "DLRF"
const VERSION = 1;
const SIDE = 28;
const DIRECTIONS = 8;
const BRIGHT = 2;
const STEEP = 4;
const STEEPNESS = 3;
const SMALLEST = 1e-38; // what a probability of 0 in float32 stands for

/** Return the judge of a Uint8Array, as `pack_refusal` of core/prediction/refusal.py makes it. */
export function unpackRefusal(packed) {
  const bytes = packed instanceof Uint8Array ? packed : new Uint8Array(packed);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 12 || view.getUint32(0, true) !== MAGIC || view.getUint32(4, true) !== VERSION)
    throw new Error("This is no judge of pictures.");
  return { threshold: view.getFloat32(8, true), network: unpackNetwork(bytes.subarray(12)) };
}

/**
 * Return what may be said of a picture.
 *
 * `picture` is a Uint8Array (28 × 28); `probabilities` are the network's (or its sums before the softmax, with
 * `areSums`); `temperature` makes them honest; `refusal` is of `unpackRefusal`, or null where there is none;
 * `leastConfidence` is what the likeliest class must reach.
 *
 * `reason` is "unfamiliar", "unsure" or, where the network may answer, "".
 */
export function judge(picture, probabilities, temperature = 1, refusal = null, leastConfidence = 0, areSums = false) {
  const honest = calibrated(probabilities, temperature, areSums);
  const order = [...honest.keys()].sort((one, other) => honest[other] - honest[one]);
  const confidence = honest[order[0]];
  const score = refusal ? scoreOf(refusal, picture) : null;
  const familiarity = refusal ? 1 / (1 + Math.exp(score - refusal.threshold)) : 1;
  const reason = familiarity < 0.5 ? "unfamiliar" : confidence < leastConfidence ? "unsure" : "";
  return { probabilities: honest, first: order[0], second: order[1], confidence, familiarity, score, reason };
}

/** Return the softmax of the sums divided by the temperature, as Float64Array. */
export function calibrated(probabilities, temperature, areSums = false) {
  const sums = Float64Array.from(
    probabilities,
    (value) => (areSums ? value : Math.log(Math.max(value, SMALLEST))) / temperature,
  );
  const highest = Math.max(...sums);
  const powers = sums.map((sum) => Math.exp(sum - highest));
  const total = powers.reduce((sum, power) => sum + power, 0);
  return powers.map((power) => power / total);
}

/** Return the logarithm of how much likelier no class is than any. */
export function scoreOf({ network }, picture) {
  const sums = [...outputsFrom(network, featuresOf(picture)).at(-1)];
  const none = sums.pop();
  const highest = Math.max(...sums);
  return none - highest - Math.log(sums.reduce((sum, each) => sum + Math.exp(each - highest), 0));
}

/** Return the brightness of each 2 × 2 pixels, then how steeply each 4 × 4 rise in each of eight directions. */
export function featuresOf(picture) {
  const bright = Float32Array.from(picture, (value) => value / 255);
  const at = (row, column) => (row < 0 || column < 0 || row >= SIDE || column >= SIDE ? 0 : bright[row * SIDE + column]);
  const [small, large] = [SIDE / BRIGHT, SIDE / STEEP];
  const features = new Float32Array(small * small + DIRECTIONS * large * large);
  const angles = Array.from({ length: DIRECTIONS }, (_, place) => (2 * Math.PI * place) / DIRECTIONS);
  const ways = angles.map((angle) => [Math.cos(angle), Math.sin(angle)]);
  for (let row = 0; row < SIDE; row++)
    for (let column = 0; column < SIDE; column++) {
      features[Math.floor(row / BRIGHT) * small + Math.floor(column / BRIGHT)] += at(row, column) / BRIGHT ** 2;
      const across = (at(row, column + 1) - at(row, column - 1)) / 2;
      const down = (at(row + 1, column) - at(row - 1, column)) / 2;
      if (across === 0 && down === 0) continue;
      const square = Math.floor(row / STEEP) * large + Math.floor(column / STEEP);
      ways.forEach(([right, below], place) => {
        const rise = right * across + below * down;
        if (rise > 0) features[small * small + place * large * large + square] += (STEEPNESS * rise) / STEEP ** 2;
      });
    }
  return features;
}
