// Drawing without mouse, finger or pen: the arrow keys move a cross over the paper, Space puts the pen down and lifts it.

import { NO_PRESSURE } from "./pen.js";

const STEP = 0.025; // of the paper's side
const LARGE_STEP = 0.1; // with Shift
const WAYS = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] };
const KEYS = "keys"; // in the place of a pointer's number

export class Cursor {
  constructor(paper) {
    this.paper = paper;
    this.place = [0.5, 0.5];
    this.node = document.createElement("i");
    this.node.className = "cursor";
    this.node.hidden = true;
    paper.node.append(this.node);
    paper.canvas.addEventListener("keydown", (event) => this.key(event));
    paper.canvas.addEventListener("pointerdown", () => this.leave());
    paper.canvas.addEventListener("blur", () => this.leave());
  }

  key(event) {
    const way = WAYS[event.key];
    if (event.ctrlKey || event.metaKey || event.altKey || (!way && event.key !== " ")) return;
    event.preventDefault(); // the page would scroll
    const wasHidden = this.node.hidden;
    this.node.hidden = false;
    if (way && !wasHidden) this.move(way, event.shiftKey ? LARGE_STEP : STEP);
    if (!way && !event.repeat) this.press();
    this.node.style.left = `${100 * this.place[0]}%`;
    this.node.style.top = `${100 * this.place[1]}%`;
  }

  move(way, step) {
    this.place = this.place.map((part, axis) => Math.min(1, Math.max(0, part + step * way[axis])));
    if (this.paper.pointer === KEYS) this.paper.add([[...this.place, NO_PRESSURE]]);
  }

  press() {
    if (this.paper.pointer === KEYS) this.paper.end(KEYS);
    else if (this.paper.begin(KEYS, false)) this.paper.add([[...this.place, NO_PRESSURE]]);
    this.node.classList.toggle("down", this.paper.pointer === KEYS);
  }

  leave() {
    this.paper.end(KEYS);
    this.node.hidden = true;
    this.node.classList.remove("down");
  }
}
