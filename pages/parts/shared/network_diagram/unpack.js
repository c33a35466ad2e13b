// From bytes to numbers and pictures: the other side of core/inside/compact.py.

import { say } from "./words.js";

const SIDE = 28;
export const PIXELS = SIDE * SIDE;

/** Return the header of an update, with all its pictures as `header.bytes`. */
export async function unpack(deflated) {
  const stream = new Blob([deflated]).stream().pipeThrough(new DecompressionStream("deflate"));
  const content = new Uint8Array(await new Response(stream).arrayBuffer());
  const length = new DataView(content.buffer).getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(content.subarray(4, 4 + length)));
  header.bytes = content.subarray(4 + length);
  return header;
}

/** Return picture `number` of those at `place`, each pixel 0 to 15. */
export function halves(bytes, place, number) {
  const values = new Uint8Array(PIXELS);
  for (let pair = 0; pair < PIXELS / 2; pair++) {
    const byte = bytes[place + (number * PIXELS) / 2 + pair];
    values[2 * pair] = byte & 15;
    values[2 * pair + 1] = byte >> 4;
  }
  return values;
}

export function pictureCanvas(className) {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = SIDE;
  canvas.className = `picture ${className}`;
  return canvas;
}

/** Draw an image, white on black as the network sees it; `top` is the value of full ink. */
export function paintInk(canvas, values, top) {
  paint(canvas, (pixel) => {
    const grey = (255 * values[pixel]) / top;
    return [grey, grey, grey];
  });
}

/** Draw weights: the middle as the page, what adds in one colour, what takes away in another. */
export function paintWeights(canvas, values, steps, colours) {
  paint(canvas, (pixel) => {
    const size = (values[pixel] - steps - 1) / steps;
    const colour = size < 0 ? colours.minus : colours.plus;
    return colours.page.map((part, index) => part + (colour[index] - part) * Math.abs(size));
  });
}

function paint(canvas, colourOf) {
  const context = canvas.getContext("2d");
  const image = context.createImageData(SIDE, SIDE);
  for (let pixel = 0; pixel < PIXELS; pixel++) image.data.set([...colourOf(pixel), 255], 4 * pixel);
  context.putImageData(image, 0, 0);
}

/** Write a number in as few letters as tell it. */
export function told(value) {
  if (value === null) return say("no_number");
  const size = Math.abs(value);
  return String(size >= 1000 || (size && size < 0.001) ? value.toPrecision(2) : Number(value.toPrecision(3))).replace("-", "−");
}

export function percent(share) {
  if (share === null) return "–";
  if (share >= 0.9995) return "> 99.9 %";
  return share < 0.0005 ? "< 0.1 %" : `${(100 * share).toFixed(1)} %`;
}
