// A picture whose pixels are pressed: `show` is called for every update and keeps what stands.

import { STYLE } from "./style.js";
import { learn, say } from "./words.js";

const SIDE = 28;
const SCALE = 20; // of the canvas' own pixels for one of the picture's
const STEP = 32; // of 255, for plus and minus
const FRAME = "#F0E442"; // yellow of Okabe and Ito: on black, grey and white with a dark rim
const MOVES = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };

const editors = new WeakMap(); // parent element -> editor

export async function show(component, needed, _rest, files) {
  const words = new URL(needed.words, files);
  await learn(words);
  const { parentElement } = component;
  let editor = editors.get(parentElement);
  if (!editor || editor.words !== words.href) {
    editor = new Editor(parentElement, words.href);
    editors.set(parentElement, editor);
  }
  editor.component = component;
  // What stands here is newer than what the server knows, unless it begins anew.
  if (editor.start !== needed.start) editor.begin(needed);
  return () => setTimeout(() => editor.node.isConnected || editors.delete(parentElement));
}

function make(name, className, ...children) {
  const node = document.createElement(name);
  node.className = className;
  node.append(...children);
  return node;
}

class Editor {
  constructor(parent, words) {
    this.words = words;
    this.at = 14 * SIDE + 14;
    this.canvas = make("canvas", "");
    this.canvas.width = this.canvas.height = SIDE * SCALE;
    this.canvas.tabIndex = 0;
    this.canvas.setAttribute("role", "application");
    this.canvas.setAttribute("aria-label", say("label"));
    this.where = make("p", "where");
    this.where.setAttribute("role", "status");
    this.undo = this.button("undo", () => this.take(this.steps.slice(0, -1)));
    this.reset = this.button("reset", () => this.take([]));
    this.node = make("div", "editor", this.canvas, this.where, make("div", "buttons", this.undo, this.reset), make("p", "note", say("hint")), make("p", "note", say("changed")));
    this.node.dataset.testid = "pixel-editor";
    parent.replaceChildren(make("style", "", STYLE), this.node);
    this.canvas.addEventListener("keydown", (event) => this.key(event));
    this.canvas.addEventListener("pointerdown", (event) => {
      this.canvas.setPointerCapture(event.pointerId);
      this.go(this.pixelAt(event));
    });
    this.canvas.addEventListener("pointermove", (event) => event.buttons && this.go(this.pixelAt(event)));
    // Where it is let go, so that a finger, wider than a pixel, can be led there.
    this.canvas.addEventListener("pointerup", (event) => {
      this.go(this.pixelAt(event));
      this.press();
    });
    this.canvas.addEventListener("focus", () => this.draw());
    this.canvas.addEventListener("blur", () => this.draw());
  }

  button(name, onPress) {
    const button = make("button", "", say(name));
    button.type = "button";
    button.addEventListener("click", onPress);
    return button;
  }

  begin(data) {
    this.start = data.start;
    this.most = data.most;
    this.before = Uint8Array.from(atob(data.picture), (letter) => letter.charCodeAt(0));
    this.steps = data.steps ? data.steps.split(" ").map((step) => step.split(".").map(Number)) : [];
    this.draw();
  }

  /** Take these steps for the ones that were taken, and tell the server. */
  take(steps) {
    this.steps = steps;
    this.draw();
    this.tell();
    this.component.setStateValue("edits", `${this.start}|${steps.map((step) => step.join(".")).join(" ")}`);
    // A button that has nothing to do any more loses the focus to nowhere.
    if (!steps.length && this.node.getRootNode().activeElement === null) this.canvas.focus();
  }

  change(value) {
    if (value === this.values[this.at]) return;
    if (this.steps.length >= this.most) this.where.textContent = say("full", { most: this.most });
    else this.take([...this.steps, [this.at, value]]);
  }

  press() {
    this.change(this.values[this.at] < 128 ? 255 : 0);
  }

  key(event) {
    const move = MOVES[event.key];
    if (move) {
      const [row, column] = [Math.floor(this.at / SIDE) + move[0], (this.at % SIDE) + move[1]];
      if (row >= 0 && row < SIDE && column >= 0 && column < SIDE) this.go(row * SIDE + column);
    } else if (event.key === "Enter" || event.key === " ") this.press();
    else if (event.key === "+") this.change(Math.min(255, this.values[this.at] + STEP));
    else if (event.key === "-") this.change(Math.max(0, this.values[this.at] - STEP));
    else if (event.key.toLowerCase() === "z" && (event.ctrlKey || event.metaKey)) this.steps.length && this.take(this.steps.slice(0, -1));
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  pixelAt(event) {
    const box = this.canvas.getBoundingClientRect();
    const place = (offset, length) => Math.max(0, Math.min(SIDE - 1, Math.floor((SIDE * offset) / length)));
    return place(event.clientY - box.top, box.height) * SIDE + place(event.clientX - box.left, box.width);
  }

  go(pixel) {
    this.at = pixel;
    this.draw();
    this.tell();
  }

  tell() {
    const [row, column, value, before] = [Math.floor(this.at / SIDE) + 1, (this.at % SIDE) + 1, this.values[this.at], this.before[this.at]];
    this.where.textContent = say(value === before ? "pixel" : "pixel_changed", { row, column, value, before });
  }

  draw() {
    this.values = Uint8Array.from(this.before);
    for (const [pixel, value] of this.steps) this.values[pixel] = value;
    const context = this.canvas.getContext("2d");
    for (let pixel = 0; pixel < SIDE * SIDE; pixel++) {
      const grey = this.values[pixel];
      context.fillStyle = `rgb(${grey},${grey},${grey})`;
      context.fillRect((pixel % SIDE) * SCALE, Math.floor(pixel / SIDE) * SCALE, SCALE, SCALE);
    }
    let changed = 0;
    for (let pixel = 0; pixel < SIDE * SIDE; pixel++) {
      const more = this.values[pixel] - this.before[pixel];
      if (!more) continue;
      changed++;
      this.frame(context, pixel, FRAME, more > 0 ? [] : [4, 3]);
    }
    if (this.node.getRootNode().activeElement === this.canvas) this.frame(context, this.at, "#56B4E9", [], 4);
    this.undo.disabled = this.reset.disabled = !this.steps.length;
    this.node.dataset.changed = changed;
  }

  frame(context, pixel, colour, dashes, width = 3) {
    const [x, y] = [(pixel % SIDE) * SCALE, Math.floor(pixel / SIDE) * SCALE];
    context.setLineDash([]);
    context.lineWidth = width + 2;
    context.strokeStyle = "#000000";
    context.strokeRect(x + 2.5, y + 2.5, SCALE - 5, SCALE - 5);
    context.setLineDash(dashes);
    context.lineWidth = width;
    context.strokeStyle = colour;
    context.strokeRect(x + 2.5, y + 2.5, SCALE - 5, SCALE - 5);
    context.setLineDash([]);
  }
}
