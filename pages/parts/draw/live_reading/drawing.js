// What is drawn: strokes as pen.js takes them, what undo and redo bring back, and the text in which they travel.

import { addPoint, inkOf, MAX_POINTS, MAX_STROKES, rounded, shareOfPen, strokesJson } from "./pen.js";

const NEAR = 0.002; // of the canvas' side: a point that is nearer to the last one tells nothing new
const FURTHEST = 1; // of the side, beyond the paper

const within = (value, low, high) => Math.min(high, Math.max(low, value));

export class Drawing {
  strokes = [];
  past = []; // lists of strokes, oldest first
  future = [];

  get isBlank() {
    return !this.strokes.some((stroke) => !stroke.eraser);
  }

  get isFull() {
    return this.strokes.length >= MAX_STROKES || this.pointCount >= MAX_POINTS;
  }

  get pointCount() {
    return this.strokes.reduce((sum, stroke) => sum + stroke.points.length / 3, 0);
  }

  /** Begin a stroke; none where the drawing can hold no more. */
  begin(width, eraser) {
    if (this.isFull) return null;
    const stroke = { width: rounded(width), eraser, points: [] };
    this.change([...this.strokes, stroke]);
    this.room = MAX_POINTS - this.pointCount;
    return stroke;
  }

  /** Let the last stroke go on to a place in parts of the side; tells whether that was another place. */
  extend(x, y, pressure) {
    const { points } = this.strokes.at(-1);
    const last = points.length - 3;
    if (points.length >= 3 * this.room) return false;
    if (last >= 0 && Math.hypot(x - points[last], y - points[last + 1]) < NEAR) return false;
    // What is drawn is what travels: with more digits here the server would read another picture.
    points.push(...[x, y].map((place) => rounded(within(place, -FURTHEST, 1 + FURTHEST))), rounded(within(pressure, 0, 1)));
    return true;
  }

  clear() {
    if (this.strokes.length) this.change([]);
  }

  /** Take away the strokes of a text that the drawing begins with; what came after them stays. */
  drop(text) {
    const count = Drawing.of(text).strokes.length;
    if (count && strokesJson(this.strokes.slice(0, count)) === text) this.change(this.strokes.slice(count));
  }

  undo() {
    if (!this.past.length) return;
    this.future.push(this.strokes);
    this.strokes = this.past.pop();
  }

  redo() {
    if (!this.future.length) return;
    this.past.push(this.strokes);
    this.strokes = this.future.pop();
  }

  /** Draw all that the pen has drawn in another width, also what may come back. */
  widen(width) {
    for (const list of [this.strokes, ...this.past, ...this.future]) {
      for (const stroke of list) if (!stroke.eraser) stroke.width = rounded(width);
    }
    this.inked = null;
  }

  change(strokes) {
    this.past.push(this.strokes);
    if (this.past.length > MAX_STROKES) this.past.shift();
    this.strokes = strokes;
    this.future = [];
  }

  get text() {
    return strokesJson(this.strokes);
  }

  /**
   * The ink of all strokes, see pen.js; while a stroke grows, only what is new is added to it. What is drawn in
   * small has a pen that goes with it if the ink `isFitted`.
   */
  inkFor(isFitted) {
    const last = this.strokes.at(-1);
    const points = last ? last.points.length / 3 : 0;
    const share = isFitted ? shareOfPen(this.strokes) : 1;
    if (this.inked?.strokes !== this.strokes || this.inked.share !== share) {
      this.inked = { strokes: this.strokes, share, points, ink: inkOf(this.strokes, share) };
    }
    while (this.inked.points < points) addPoint(this.inked.ink, last, this.inked.points++, share);
    return this.inked.ink;
  }

  /** Begin with the strokes of a text; one that is damaged is as none. */
  static of(text) {
    const drawing = new Drawing();
    try {
      const { strokes } = JSON.parse(text);
      if (strokes.every(isStroke)) drawing.strokes = strokes.map(({ width, eraser, points }) => ({ width, eraser, points }));
      if (drawing.strokes.length > MAX_STROKES || drawing.pointCount > MAX_POINTS) drawing.strokes = [];
    } catch {
      // Nothing was kept, or not by this program.
    }
    return drawing;
  }
}

function isStroke({ width, eraser, points }) {
  const isNumber = (value) => Number.isFinite(value) && Math.abs(value) <= 1 + FURTHEST;
  return isNumber(width) && typeof eraser === "boolean" && points.length > 0 && points.length % 3 === 0 && points.every(isNumber);
}
