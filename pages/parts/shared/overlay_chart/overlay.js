// The overlay chart: loss and accuracy of several runs in one node that stays in the page, and a table beside
// it that is legend and readout in one. `show` is called for every update: of the chart itself, with the lines
// that stand still, or of the lines that still move, which come twice a second.

import { configOf, loadPlotly, panelsOf, STACKED_BELOW, themeOf, titled, unpack, wordsAt } from "./plotly_page.js";
import { Readout } from "./readout.js";
import { STYLE } from "./style.js";

const READOUT_BESIDE = 900; // px; narrower than this, the table stands below the panels
const charts = new Map(); // parent element -> chart
const movingOf = new Map(); // key of a chart -> its lines that move
const GUESSING_LOSS = 2.31;
const REACH = 1.2; // a loss is shown up to so many times that of guessing: one that runs away must not press
// all others to the ground
const FIRST_PART = 0.1; // of a run: all fall there, and what comes later is what differs

export async function show(component, needed, bytes, files) {
  const update = JSON.parse(new TextDecoder().decode(bytes));
  const parent = component.parentElement;
  if (update.moving) return void showMoving(update);
  const words = await wordsAt(new URL(needed.words, files));
  if (update.ahead) return void (window.requestIdleCallback ?? setTimeout)(() => loadPlotly(new URL(needed.library, files), words).catch(() => {}));
  const chart = charts.get(parent) ?? mount(parent, update);
  if (chart.words !== words) chart.readout.speak(words);
  Object.assign(chart, { update, words, still: update.lines.map(lineOf) });
  loadPlotly(new URL(needed.library, files), words).then(
    (Plotly) => draw(chart, Plotly),
    (error) => (chart.plot.textContent = error.message),
  );
  // Streamlit also calls this when an update overtakes another: only a chart that left the page is done.
  return () => setTimeout(() => chart.node.isConnected || unmount(parent, chart));
}

/**
 * Keep the lines that move in the chart of a key, and draw it with them. They stay: what brings them may leave the
 * page for a moment, and is not told the same again. A chart takes those alone that it is told of.
 */
function showMoving({ key, moving }) {
  const before = movingOf.get(key)?.length ?? 0;
  movingOf.set(key, moving.map(lineOf));
  if (before || moving.length) redraw(key);
}

function redraw(key) {
  for (const chart of charts.values()) {
    if (chart.update.key === key && chart.drawn) draw(chart, window.Plotly);
  }
}

/** Undo `core.figures.charts.overlay.compact_overlay`. */
function lineOf({ training, validation, bands, ...line }) {
  const points = { training: unpack(training), validation: unpack(validation) };
  const edges = Object.fromEntries(Object.entries(bands).map(([kind, both]) => [kind, both.map(unpack)]));
  return { ...line, points, bands: edges };
}

function mount(parent, update) {
  const make = (name, className, ...children) => {
    const element = document.createElement(name);
    element.className = className;
    element.append(...children);
    return element;
  };
  const plot = make("div", "overlay-plot");
  const cursors = ["", "2"].map(() => make("div", "overlay-cursor"));
  for (const cursor of cursors) cursor.hidden = true;
  const frame = make("div", "", plot, ...cursors);
  frame.style.position = "relative";
  const note = make("p", "overlay-note");
  const side = make("div", "overlay-readout");
  const node = make("div", "overlay-chart", frame, side);
  node.dataset.testid = "overlay-chart";
  const style = document.createElement("style");
  style.textContent = STYLE;
  parent.replaceChildren(style, node, note);
  plot.style.height = `${update.height}px`; // what stands below must not jump when Plotly has come
  plot.tabIndex = 0;
  plot.setAttribute("role", "group"); // not an image: it holds buttons
  const chart = { node, plot, cursors, note, side, at: null, away: new Set(), width: 0, still: [], update };
  chart.readout = new Readout(side, {
    toggle: (id) => {
      chart.away.has(id) ? chart.away.delete(id) : chart.away.add(id);
      draw(chart, window.Plotly);
    },
    point: (id) => point(chart, id),
  });
  chart.observer = new ResizeObserver(() => {
    if (node.clientWidth !== chart.width && window.Plotly && chart.words) draw(chart, window.Plotly);
  });
  chart.observer.observe(node);
  for (const event of ["pointermove", "pointerdown"]) plot.addEventListener(event, (moved) => lookAt(chart, moved));
  plot.addEventListener("pointerleave", (left) => left.pointerType === "mouse" && look(chart, null));
  plot.addEventListener("keydown", (pressed) => step(chart, pressed));
  charts.set(parent, chart);
  return chart;
}

function unmount(parent, chart) {
  chart.observer.disconnect();
  window.Plotly?.purge(chart.plot);
  charts.delete(parent);
}

/** Return the lines in the order of the page, those that move from where they come. */
function linesOf({ update, still }) {
  const moving = movingOf.get(update.key) ?? [];
  const known = new Map([...moving, ...still].map((line) => [line.id, line]));
  const factor = { epoch: () => 1, step: (line) => line.steps, seconds: (line) => line.seconds }[update.axis];
  return update.order
    .filter((id) => known.has(id))
    .map((id) => {
      const line = { ...known.get(id), factor: factor(known.get(id)) || null };
      line.x = Object.fromEntries(update.kinds.map((kind) => [kind, placesOf(line, kind, update)]));
      return line;
    });
}

/** Return where on the axis the points of a line are; null where they are nowhere. */
function placesOf({ factor, points }, kind, { logarithmicAxis }) {
  return points[kind].epochs.map((epoch) => (factor === null || (logarithmicAxis && epoch <= 0) ? null : epoch * factor));
}

function draw(chart, Plotly) {
  const { node, plot, update, words } = chart;
  chart.width = node.clientWidth;
  if (!chart.width) return; // hidden; the observer draws it when it is shown
  if (!chart.drawn) plot.textContent = "";
  const lines = (chart.lines = linesOf(chart));
  const beside = chart.width >= READOUT_BESIDE;
  const width = beside ? chart.width - 12 - (update.kinds.length > 1 ? 340 : 290) : chart.width;
  const stacked = width < STACKED_BELOW;
  const height = Math.round(stacked ? update.height * 1.6 : update.height);
  plot.style.height = `${height}px`;
  chart.side.style.maxHeight = beside ? `${height + 24}px` : "";
  plot.setAttribute("aria-label", words.curves);
  const seen = lines.filter((line) => line.factor !== null && !chart.away.has(line.id));
  const limits = limitsOf(seen, update);
  Plotly.react(plot, tracesOf(lines, chart), layoutOf(chart, lines, limits, { width, height, stacked }), configOf(words, stacked));
  chart.drawn = true;
  chart.note.textContent = [update.axis === "seconds" && words.spread, update.kinds.length > 1 && words.thin, limits.isCut && words.cut, lines.some((line) => line.factor === null) && words.no_time]
    .filter(Boolean)
    .join(" ");
  showReadout(chart);
  placeCursors(chart);
  node.dataset.lines = seen.length;
  node.dataset.axis = update.axis;
  node.dataset.points = lines.reduce((sum, line) => sum + update.kinds.reduce((most, kind) => most + line.points[kind].loss.length, 0), 0);
}

const PANELS = [
  { what: "loss", axis: "" },
  { what: "accuracy", axis: "2" },
];

function tracesOf(lines, { update, away, plot }) {
  const ink = getComputedStyle(plot).color;
  const both = update.kinds.length > 1;
  return PANELS.flatMap(({ what, axis }) =>
    lines.flatMap((line) => {
      const color = line.colour === "currentColor" ? ink : line.colour;
      const common = { type: "scatter", xaxis: `x${axis}`, yaxis: `y${axis}`, hoverinfo: "skip", showlegend: false, visible: !away.has(line.id) };
      return update.kinds.flatMap((kind) => {
        const calm = both && kind === "training";
        const trace = {
          ...common,
          uid: `${what}-${kind}-${line.id}`, // Plotly makes a class name of it
          x: line.x[kind],
          y: line.points[kind][what],
          mode: line.points[kind].loss.length === 1 ? "markers" : "lines",
          line: { color, width: calm ? 1 : 2, dash: line.dash ? line.dash.replaceAll(",", "px,") + "px" : "solid" },
          marker: { color, size: 6 },
          opacity: calm ? 0.6 : 1,
        };
        return line.bands[kind] ? [bandOf(line, kind, what, color, common), trace] : [trace];
      });
    }),
  );
}

/** Return what several seeds lie between, as one shape. */
function bandOf(line, kind, what, color, common) {
  const [low, high] = line.bands[kind].map((edge) => edge[what].map((y, at) => [line.x[kind][at], y]).filter(([x, y]) => x !== null && y !== null));
  const around = [...low, ...high.reverse()];
  return {
    ...common,
    uid: `${what}-${kind}-${line.id}-band`,
    x: around.map(([x]) => x),
    y: around.map(([, y]) => y),
    mode: "lines",
    fill: "toself",
    fillcolor: color,
    line: { width: 0 },
    opacity: 0.18,
  };
}

/** Return up to where loss and down to where accuracy is shown at first: a double click shows all. */
function limitsOf(lines, { kinds, logarithmic, logarithmicAxis }) {
  const firstPart = logarithmicAxis ? 0 : FIRST_PART; // there the beginning is what is looked at
  let highest = 0, all = 0, lowest = 1, least = Infinity;
  for (const line of lines) {
    let own = 0;
    for (const kind of kinds) {
      const { epochs, loss, accuracy } = line.points[kind];
      const from = Math.max(0, epochs.findIndex((epoch) => epoch >= firstPart * Math.min(line.end, epochs.at(-1))));
      for (let at = 0; at < epochs.length; at++) {
        if (loss[at] !== null) all = Math.max(all, loss[at]);
        if (at < from) continue;
        if (loss[at] !== null) own = Math.max(own, loss[at]);
        if (accuracy[at] !== null) lowest = Math.min(lowest, accuracy[at]);
      }
    }
    if (own) least = Math.min(least, own);
    highest = Math.max(highest, own);
  }
  const reach = REACH * Math.max(GUESSING_LOSS, least === Infinity ? 0 : least);
  const top = Math.min(highest || 2.5, reach);
  const bottom = Math.max(0, lowest - 0.06 * (1 - lowest) - 0.002);
  return { top: 1.04 * top, bottom, isCut: all > 1.04 * top && !logarithmic };
}

function layoutOf({ plot, update, words }, lines, limits, { width, height, stacked }) {
  const base = panelsOf(themeOf(plot), words, { width, height, stacked, top: 30 });
  const ends = lines.filter((line) => line.factor !== null).map((line) => line.end * line.factor);
  const end = Math.max(...ends, 0) || 1;
  const places = {
    type: update.logarithmicAxis ? "log" : "linear",
    uirevision: `${update.axis} ${update.logarithmicAxis}`, // a zoom means nothing on another axis
    ...(update.logarithmicAxis ? { dtick: "D2" } : { range: [0, end], minallowed: 0 }),
  };
  const isEmpty = !lines.length;
  return {
    ...base,
    hovermode: false, // the table beside it tells all values of a place
    showlegend: false,
    xaxis: { ...base.xaxis, ...places, title: titled(stacked ? "" : words[update.axis]) },
    xaxis2: { ...base.xaxis2, ...places, title: titled(words[update.axis]) },
    yaxis: {
      ...base.yaxis,
      type: update.logarithmic ? "log" : "linear",
      uirevision: `loss ${update.logarithmic}`,
      ...(update.logarithmic ? { dtick: "D2" } : { range: [0, limits.top], minallowed: 0 }), // 1, 2, 5: all digits would overlap
      ...(isEmpty && update.logarithmic && { range: [-2, 0.5] }),
    },
    yaxis2: { ...base.yaxis2, range: isEmpty ? [0, 1] : [limits.bottom, 1] },
  };
}

// --- what stands where one looks ------------------------------------------------------------------

function axesOf({ plot }) {
  const { xaxis, xaxis2, yaxis, yaxis2 } = plot._fullLayout;
  // Without any line Plotly makes no axes for the second panel.
  return [[xaxis, yaxis], [xaxis2, yaxis2]].filter(([across, up]) => across && up);
}

function lookAt(chart, { clientX, clientY }) {
  if (!chart.drawn) return;
  const { left, top } = chart.plot.getBoundingClientRect();
  const [x, y] = [clientX - left, clientY - top];
  const found = axesOf(chart).find(
    ([across, up]) => x >= across._offset && x <= across._offset + across._length && y >= up._offset && y <= up._offset + up._length,
  );
  look(chart, found ? found[0].p2d(x - found[0]._offset) : null);
}

function look(chart, at) {
  if (chart.at === at) return;
  chart.at = at;
  showReadout(chart);
  placeCursors(chart);
}

/** Move along the lines by the arrow keys. */
function step(chart, pressed) {
  const by = { ArrowLeft: -1, ArrowRight: 1 }[pressed.key];
  if (pressed.key === "Escape") look(chart, null);
  if (!by || !chart.drawn) return;
  pressed.preventDefault();
  const [[axis]] = axesOf(chart);
  const now = chart.at === null ? (by > 0 ? 0 : axis._length) : axis.d2p(chart.at);
  look(chart, axis.p2d(Math.min(axis._length, Math.max(0, now + (by * axis._length) / 40))));
}

function placeCursors(chart) {
  axesOf(chart).forEach(([across, up], panel) => {
    const cursor = chart.cursors[panel];
    const x = chart.at === null ? -1 : across.d2p(chart.at);
    cursor.hidden = !(x >= 0 && x <= across._length);
    Object.assign(cursor.style, { left: `${across._offset + x}px`, top: `${up._offset}px`, height: `${up._length}px` });
  });
}

function showReadout(chart) {
  const { update, lines, at, away } = chart;
  const [[axis]] = axesOf(chart);
  const reach = axis._length / 50;
  const rows = lines.map((line) => {
    const row = { id: line.id, name: line.name, colour: line.colour, dash: line.dash, away: away.has(line.id), values: {} };
    for (const kind of update.kinds) {
      const place = at === null ? line.points[kind].loss.length - 1 : nearest(line.x[kind], at, axis, reach);
      for (const { what } of PANELS) {
        const edges = line.bands[kind]?.map((edge) => edge[what][place] ?? null);
        row.values[`${what} ${kind}`] = { value: line.points[kind][what][place] ?? null, edges };
      }
    }
    return row;
  });
  chart.readout.show(rows, { kinds: update.kinds, axis: update.axis, at });
}

/** Return which point of a line is nearest to a place; -1 if the line has ended or not begun there. */
function nearest(places, at, axis, reach) {
  let best = -1;
  for (let row = 0; row < places.length; row++) {
    if (places[row] !== null && (best < 0 || Math.abs(places[row] - at) < Math.abs(places[best] - at))) best = row;
  }
  if (best < 0) return best;
  const first = places.findIndex((place) => place !== null);
  const beyond = best === places.length - 1 && at > places[best];
  const before = best === first && at < places[best];
  const gap = places.length - first > 1 ? Math.abs(axis.d2p(places[before ? first + 1 : best]) - axis.d2p(places[before ? first : best - 1])) / 2 : 0;
  const far = Math.abs(axis.d2p(at) - axis.d2p(places[best]));
  return (beyond || before) && far > Math.max(reach, before ? gap : 0) ? -1 : best;
}

/** Let one run stand out, null for none. */
function point({ plot, lines }, id) {
  for (const group of plot.querySelectorAll(".scatterlayer .trace")) {
    const other = id !== null && ![...group.classList].some((name) => name.includes(id));
    group.style.opacity = other ? 0.12 : "";
  }
}
