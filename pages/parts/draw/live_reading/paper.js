// The paper: takes what mouse, finger or pen draw, and shows the strokes as large as its place is.

import { Cursor } from "./cursor.js";
import { NO_PRESSURE } from "./pen.js";

const GUIDE = 20 / 28; // of the side: the box into which MNIST's digits were brought
const ERASER_TIP = 32; // `buttons` of a pen that is held the other way round
// As wide as pen.js has it: from half the pen's width to one and a half.
const widthAt = (width, pressure) => width * (pressure + 0.5);
const MOST_PIXELS = 1_400; // along a side; more is not seen, and costs on a large screen

export class Paper {
  /** `onDraw(isResting)` is called while a stroke grows and when it ends; `tool` has width and eraser. */
  constructor(tool, labels, onDraw) {
    this.tool = tool;
    this.onDraw = onDraw;
    this.canvas = document.createElement("canvas");
    this.canvas.className = "ink";
    this.canvas.setAttribute("role", "img");
    this.canvas.setAttribute("aria-label", labels.canvas);
    this.canvas.tabIndex = 0;
    this.prompt = document.createElement("p");
    this.prompt.className = "prompt";
    this.prompt.setAttribute("aria-hidden", "true");
    this.prompt.textContent = labels.prompt;
    this.node = document.createElement("div");
    this.node.className = "paper";
    this.node.style.setProperty("--guide", GUIDE);
    this.node.append(this.prompt, this.canvas);
    this.context = this.canvas.getContext("2d");
    this.pointer = null;
    this.listen();
    this.cursor = new Cursor(this);
    new ResizeObserver(() => this.resize()).observe(this.node);
  }

  show(drawing) {
    this.drawing = drawing;
    this.repaint();
  }

  get isDrawing() {
    return this.pointer !== null;
  }

  listen() {
    const { canvas } = this;
    canvas.addEventListener("pointerdown", (event) => this.down(event));
    canvas.addEventListener("pointermove", (event) => this.move(event));
    for (const name of ["pointerup", "pointercancel", "lostpointercapture"]) {
      canvas.addEventListener(name, (event) => this.end(event.pointerId));
    }
    canvas.addEventListener("keydown", () => canvas.classList.remove("by-pointer"));
    canvas.addEventListener("contextmenu", (event) => event.preventDefault());
    // Older Safari scrolls in spite of `touch-action`.
    canvas.addEventListener("touchstart", (event) => event.preventDefault(), { passive: false });
  }

  down(event) {
    // A second finger, or the hand beside a pen, draws nothing.
    if (event.pointerType === "mouse" && event.button !== 0) return;
    if (!this.begin(event.pointerId, (event.buttons & ERASER_TIP) !== 0)) return;
    event.preventDefault();
    this.canvas.focus({ preventScroll: true });
    this.canvas.classList.add("by-pointer"); // which needs no ring to see where it is
    try {
      this.canvas.setPointerCapture(event.pointerId);
    } catch {
      // The pointer is gone already.
    }
    this.box = this.canvas.getBoundingClientRect();
    this.add([this.placeOf(event)]);
  }

  move(event) {
    if (event.pointerId !== this.pointer) return;
    const all = event.getCoalescedEvents?.() ?? [];
    this.add((all.length ? all : [event]).map((each) => this.placeOf(each)));
  }

  /** Return x and y in parts of the side, and the pressure. */
  placeOf(event) {
    const pressure = event.pointerType === "pen" && event.pressure > 0 ? event.pressure : NO_PRESSURE;
    return [(event.clientX - this.box.left) / this.box.width, (event.clientY - this.box.top) / this.box.height, pressure];
  }

  /** Begin a stroke of a pointer; tells whether it may. */
  begin(pointer, isEraser) {
    if (this.pointer !== null) return false;
    const eraser = this.tool.eraser || isEraser;
    if (!this.drawing.begin(eraser ? this.tool.eraserWidth : this.tool.width, eraser)) return false;
    this.pointer = pointer;
    return true;
  }

  /** Let the stroke go on to these places. */
  add(places) {
    const { points } = this.drawing.strokes.at(-1);
    const before = points.length;
    for (const place of places) this.drawing.extend(...place);
    if (points.length === before) return;
    this.paintStroke(this.drawing.strokes.at(-1), Math.max(0, before - 3));
    this.prompt.hidden = !this.drawing.isBlank;
    this.onDraw(false);
  }

  /** End the stroke of a pointer, if there is one. */
  end(pointer) {
    if (pointer !== this.pointer) return;
    this.pointer = null;
    this.repaint();
    this.onDraw(true);
  }

  resize() {
    const side = Math.min(MOST_PIXELS, Math.round(this.node.clientWidth * devicePixelRatio));
    if (!side || side === this.canvas.width) return;
    this.canvas.width = this.canvas.height = side;
    this.repaint();
  }

  repaint() {
    if (!this.drawing) return;
    this.context.clearRect(0, 0, this.canvas.width, this.canvas.height);
    this.context.fillStyle = this.context.strokeStyle = getComputedStyle(this.node).color;
    for (const stroke of this.drawing.strokes) this.paintStroke(stroke, 0);
    this.prompt.hidden = !this.drawing.isBlank;
  }

  /** Paint a stroke from the point that begins at `start` among its numbers. */
  paintStroke({ width, eraser, points }, start) {
    const { context } = this;
    const side = this.canvas.width;
    context.globalCompositeOperation = eraser ? "destination-out" : "source-over";
    context.lineCap = context.lineJoin = "round";
    const last = points.length - 3;
    for (let at = start; at < Math.max(last, 3); ) {
      context.lineWidth = side * widthAt(width, (points[at + 2] + points[Math.min(at + 3, last) + 2]) / 2);
      context.beginPath();
      context.moveTo(side * points[at], side * points[at + 1]);
      // One line as long as the pressure is the same: the soft edges of many would show where they meet.
      do {
        at += 3;
        const to = Math.min(at, last);
        context.lineTo(side * points[to], side * points[to + 1]);
      } while (at < last && points[at + 2] === points[at - 1] && points[at + 5] === points[at + 2]);
      context.stroke();
      if (last === 0) return;
    }
  }
}
