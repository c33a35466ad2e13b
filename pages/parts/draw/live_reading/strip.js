// From pen to pixels: a picture after each step, and a switch that leaves the step out.

import { ALL_STEPS } from "./mnist_form.js";
import { say } from "./words.js";

// What is shown of a reading, by its name there, and the step that makes it.
const PICTURES = { drawn: null, cropped: "crop", scaled: "scale", picture: "centre" };
const SIDE = 28;

export class Strip {
  /** `onSwitch()` is called when `steps` are others: what reader.js takes. */
  constructor(onSwitch) {
    this.steps = { ...ALL_STEPS };
    this.onSwitch = onSwitch;
    this.canvases = new Map();
    this.node = document.createElement("div");
    this.node.className = "strip";
    this.node.append(...Object.entries(PICTURES).map(([name, step]) => this.figure(name, step)));
  }

  figure(name, step) {
    const canvas = document.createElement("canvas");
    canvas.className = "picture";
    canvas.setAttribute("role", "img");
    canvas.setAttribute("aria-label", say(`picture_${name}`));
    canvas.dataset.testid = `live-${name}`;
    this.canvases.set(name, canvas);
    const figure = document.createElement("figure");
    figure.append(canvas, step ? this.switch(step) : caption(name));
    return figure;
  }

  switch(name) {
    const button = document.createElement("button");
    button.type = "button";
    button.setAttribute("role", "switch");
    button.setAttribute("aria-checked", "true");
    button.title = say(`help_${name}`);
    button.append(document.createElement("i"), say(name));
    button.addEventListener("click", () => {
      this.steps[name] = !this.steps[name];
      button.setAttribute("aria-checked", this.steps[name]);
      this.onSwitch(this.steps);
    });
    return button;
  }

  /** Show what reader.js made of the ink, or nothing. */
  show(seen) {
    for (const [name, canvas] of this.canvases) {
      const picture = name === "picture" && seen ? { data: seen.picture, width: SIDE, height: SIDE, top: 255 } : seen?.[name];
      paint(canvas, picture ?? { data: new Uint8Array(SIDE * SIDE), width: SIDE, height: SIDE });
    }
  }
}

function caption(name) {
  const node = document.createElement("figcaption");
  node.textContent = say(name);
  return node;
}

/** Draw a picture, white on black as the network sees it; `top` is the value of full ink. */
function paint(canvas, { data, width, height, top = 1 }) {
  if (canvas.width !== width || canvas.height !== height) {
    canvas.width = width;
    canvas.height = height;
  }
  const context = canvas.getContext("2d");
  const image = context.createImageData(width, height);
  const pixels = new Uint32Array(image.data.buffer);
  for (let at = 0; at < pixels.length; at++) {
    const grey = (255 * data[at]) / top;
    pixels[at] = 0xff000000 | (grey << 16) | (grey << 8) | grey;
  }
  context.putImageData(image, 0, 0);
}
