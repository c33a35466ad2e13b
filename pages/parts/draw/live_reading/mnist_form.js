// A drawing becomes 28×28 pixels: core/handwriting/mnist_form.py in the browser, to the last bit.
//
// Where NumPy and Pillow compute in float32, every result is rounded to it here too; sums are taken in their
// order, because a centre of mass that lies half-way between two pixels must fall to the same side.

import { resized } from "./resample.js";

export const SIDE = 28;
export const ALL_STEPS = Object.freeze({ crop: true, scale: true, centre: true, stretch: true });
const INK_SIDE = 20;
const INK_CENTRE = 14;
const FAINTEST_INK = 0.05;
const EDGE = Math.fround(0.2);

/**
 * Return the drawing after each step, or null where there is no ink.
 *
 * `drawing` is { data: Float32Array, width, height }, 0 = paper, 1 = ink. Of the answer `cropped` and
 * `scaled` are drawings too, `picture` is a Uint8Array (28 × 28): what the network sees.
 */
export function networkInputSteps(drawing, steps = ALL_STEPS) {
  const drawn = withinBounds(drawing);
  const strongest = largest(drawn.data);
  if (strongest < FAINTEST_INK) return null;
  const { width, height } = drawn;
  const box = steps.crop ? inked(drawn, strongest) : { top: 0, bottom: height - 1, left: 0, right: width - 1 };
  const cropped = steps.crop ? cut(drawn, box) : { ...drawn };
  if (steps.stretch && strongest !== 1) cropped.data = cropped.data.map((value) => value / strongest);
  const longest = Math.max(width, height);
  const scaled = scaledTo(cropped, longest, steps);
  // How far the middle of the box is from that of the canvas, in pixels of the field that is as large as it.
  const away = (first, last, length) => ((first + last + 1) / 2 - length / 2) * (SIDE / longest);
  const picture = placed(scaled, away(box.top, box.bottom, height), away(box.left, box.right, width), steps);
  return { drawn, cropped, scaled, picture };
}

/** Python's round: a number half-way between two goes to the even one. */
export function roundHalfEven(number) {
  const below = Math.floor(number);
  const part = number - below;
  if (part !== 0.5) return part < 0.5 ? below : below + 1;
  return below % 2 === 0 ? below : below + 1;
}

function largest(data) {
  let found = 0;
  for (let at = 0; at < data.length; at++) if (data[at] > found) found = data[at];
  return found;
}

function withinBounds(drawing) {
  const { data } = drawing;
  let at = 0;
  while (at < data.length && data[at] >= 0 && data[at] <= 1) at++;
  if (at === data.length) return drawing;
  return { ...drawing, data: data.map((value) => Math.min(Math.max(value || 0, 0), 1)) };
}

/** The first and the last row and column that have more than the soft edge of a stroke. */
function inked({ data, width, height }, strongest) {
  let [top, bottom, left, right] = [height, -1, width, -1];
  for (let row = 0, at = 0; row < height; row++) {
    for (let column = 0; column < width; column++, at++) {
      if (!(Math.fround(data[at] / strongest) > EDGE)) continue;
      if (row < top) top = row;
      bottom = row;
      if (column < left) left = column;
      if (column > right) right = column;
    }
  }
  return { top, bottom, left, right };
}

function cut(drawn, { top, bottom, left, right }) {
  const [width, height] = [right - left + 1, bottom - top + 1];
  const data = new Float32Array(width * height);
  for (let row = 0; row < height; row++) {
    const start = (top + row) * drawn.width + left;
    data.set(drawn.data.subarray(start, start + width), row * width);
  }
  return { data, width, height };
}

function scaledTo(ink, canvas, steps) {
  const scale = steps.scale ? INK_SIDE / Math.max(ink.height, ink.width) : SIDE / canvas;
  const width = Math.max(1, roundHalfEven(ink.width * scale));
  const height = Math.max(1, roundHalfEven(ink.height * scale));
  const result = resized(ink, width, height, scale < 1 ? "box" : "bicubic");
  result.data = result.data.map((value) => Math.max(value, 0));
  const strongest = largest(result.data);
  result.data = result.data.map((value) => (steps.stretch ? value / strongest : Math.min(value, 1)));
  return result;
}

function placed(ink, below, right, steps) {
  const { data, width, height } = ink;
  const top = corner(rowSums(ink), below, steps);
  const left = corner(columnSums(ink), right, steps);
  const picture = new Uint8Array(SIDE * SIDE);
  for (let row = Math.max(0, -top); row < Math.min(height, SIDE - top); row++) {
    for (let column = Math.max(0, -left); column < Math.min(width, SIDE - left); column++) {
      picture[(top + row) * SIDE + left + column] = roundHalfEven(Math.fround(data[row * width + column] * 255));
    }
  }
  return picture;
}

/** Where the first row (or column) of the ink goes; `weights` are the sums of each. */
function corner(weights, away, steps) {
  const length = weights.length;
  const isInked = (weight) => weight !== 0;
  let [first, last, wanted] = [0, length - 1, INK_CENTRE + away - length / 2];
  if (steps.centre && weights.some(isInked)) {
    let moment = 0;
    weights.forEach((weight, place) => (moment += weight * place));
    wanted = INK_CENTRE - moment / pairwiseSum(weights);
    // Paper that was not cut away may leave the field.
    if (!steps.crop) [first, last] = [weights.findIndex(isInked), weights.findLastIndex(isInked)];
  }
  return Math.min(Math.max(roundHalfEven(wanted), -first), SIDE - 1 - last);
}

function rowSums({ data, width, height }) {
  return Float32Array.from({ length: height }, (_, row) => pairwiseSum(data.subarray(row * width, (row + 1) * width)));
}

function columnSums({ data, width, height }) {
  if (width === 1) return Float32Array.of(pairwiseSum(data));
  const sums = new Float32Array(width);
  for (let at = 0; at < width * height; at++) sums[at % width] += data[at];
  return sums;
}

/** NumPy's sum of up to 128 float32 numbers in a row: eight sums side by side, then of these in pairs. */
function pairwiseSum(data) {
  const { fround } = Math;
  const whole = data.length < 8 ? 0 : data.length - (data.length % 8);
  let sum = 0;
  if (whole) {
    const sums = Float32Array.from(data.subarray(0, 8));
    for (let at = 8; at < whole; at++) sums[at % 8] += data[at];
    const pairs = [0, 2, 4, 6].map((place) => fround(sums[place] + sums[place + 1]));
    sum = fround(fround(pairs[0] + pairs[1]) + fround(pairs[2] + pairs[3]));
  }
  for (let at = whole; at < data.length; at++) sum = fround(sum + data[at]);
  return sum;
}
