// The ink that strokes leave: core/handwriting/pen.py in the browser. Every operation is the same one, in
// the same order and in float64, so that server and browser read the same ink to the last bit.
//
// A stroke is { width, eraser, points: [x0, y0, p0, x1, y1, p1, …] } as core/handwriting/pen.py describes it.

export const INK_CANVAS = 280; // pixels on a side of the ink
export const NO_PRESSURE = 0.5; // of a pointer that cannot tell it
export const MAX_STROKES = 200;
export const MAX_POINTS = 20000;
const DECIMALS = 10000;
const [USUAL_SIZE, LEAST_SHARE, STEPS_OF_SHARE] = [18 / 28, 0.25, 16]; // see pen.py

/** A number as it travels: both sides must compute with the same one. */
export function rounded(number) {
  return Math.round(number * DECIMALS) / DECIMALS;
}

export function emptyInk() {
  return new Float32Array(INK_CANVAS * INK_CANVAS);
}

/** Return how much smaller a pen goes with what is drawn in small, 0.25…1: `share_of_pen` of pen.py. */
export function shareOfPen(strokes) {
  const [low, high] = [[1, 1], [0, 0]];
  let isDrawn = false;
  for (const { points, eraser } of strokes) {
    if (eraser) continue;
    for (let at = 0; at < points.length; at += 3) {
      isDrawn = true;
      for (const axis of [0, 1]) {
        const place = Math.min(Math.max(Math.fround(points[at + axis]), 0), 1);
        if (place < low[axis]) low[axis] = place;
        if (place > high[axis]) high[axis] = place;
      }
    }
  }
  if (!isDrawn) return 1;
  const size = Math.max(high[0] - low[0], high[1] - low[1]);
  return Math.max(LEAST_SHARE, Math.min(1, Math.ceil((size * STEPS_OF_SHARE) / USUAL_SIZE) / STEPS_OF_SHARE));
}

/**
 * Add what the stroke's point of this number brings: a dot at the first, after it the segment that leads
 * there. Called for one point after another while the pen moves, it leaves the ink that `inkOf` gives.
 * The pen's width, not the eraser's, is multiplied by `share`.
 */
export function addPoint(ink, stroke, number, share = 1) {
  const width = stroke.eraser ? stroke.width : stroke.width * share;
  const pen = (width * INK_CANVAS) / 2;
  const at = 3 * number;
  const before = Math.max(0, at - 3);
  addSegment(
    ink,
    Math.fround(stroke.points[before]) * INK_CANVAS,
    Math.fround(stroke.points[before + 1]) * INK_CANVAS,
    (Math.fround(stroke.points[before + 2]) + 0.5) * pen,
    Math.fround(stroke.points[at]) * INK_CANVAS,
    Math.fround(stroke.points[at + 1]) * INK_CANVAS,
    (Math.fround(stroke.points[at + 2]) + 0.5) * pen,
    Boolean(stroke.eraser),
  );
}

/** Return the ink of strokes, Float32Array (280 × 280), 0 = paper, 1 = ink. */
export function inkOf(strokes, share = 1) {
  const ink = emptyInk();
  for (const stroke of strokes) {
    for (let number = 0; 3 * number < stroke.points.length; number++) addPoint(ink, stroke, number, share);
  }
  return ink;
}

export function strokesJson(strokes) {
  const forms = strokes.map(({ width, eraser, points }) => ({
    width: rounded(width),
    eraser: Boolean(eraser),
    points: Array.from(points, rounded),
  }));
  return JSON.stringify({ strokes: forms });
}

function addSegment(ink, fromX, fromY, fromRadius, toX, toY, toRadius, isEraser) {
  const reach = Math.max(fromRadius, toRadius) + 0.5;
  const left = Math.max(0, Math.ceil(Math.min(fromX, toX) - reach - 0.5));
  const right = Math.min(INK_CANVAS, Math.floor(Math.max(fromX, toX) + reach - 0.5) + 1);
  const top = Math.max(0, Math.ceil(Math.min(fromY, toY) - reach - 0.5));
  const bottom = Math.min(INK_CANVAS, Math.floor(Math.max(fromY, toY) + reach - 0.5) + 1);
  const lengthX = toX - fromX;
  const lengthY = toY - fromY;
  const squared = lengthX * lengthX + lengthY * lengthY;
  const alongX = squared ? lengthX / squared : 0;
  const alongY = squared ? lengthY / squared : 0;
  const growth = toRadius - fromRadius;
  const start = fromRadius + 0.5;
  for (let row = top; row < bottom; row++) {
    const y = row + 0.5 - fromY;
    for (let column = left, at = row * INK_CANVAS + left; column < right; column++, at++) {
      const x = column + 0.5 - fromX;
      const along = Math.min(Math.max(x * alongX + y * alongY, 0), 1);
      const awayX = x - along * lengthX;
      const awayY = y - along * lengthY;
      const covered = Math.min(Math.max(along * growth + start - Math.sqrt(awayX * awayX + awayY * awayY), 0), 1);
      ink[at] = isEraser ? Math.min(ink[at], 1 - covered) : Math.max(ink[at], covered);
    }
  }
}
