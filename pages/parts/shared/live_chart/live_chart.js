// The live chart: loss and accuracy drawn by Plotly into one node that stays in the page.
// Streamlit calls `show` for every update and whenever its theme changes.

import { configOf, fill, loadPlotly, panelsOf, STACKED_BELOW, themeOf, titled, unpack, wordsAt } from "./plotly_page.js";

const charts = new Map(); // parent element -> chart
const ghostsOf = new Map(); // key of a chart -> the earlier runs behind it, and the element that holds them
const GHOST_REACH = 1.2; // as core.figures.charts.curves: up to so many times the highest own loss
const GUESSING_LOSS = 2.31;
/** Draw `update` into `parent`; returns what Streamlit calls when it is done with the component. */
export async function show(parent, update, files) {
  const words = await wordsAt(new URL(update.words, files));
  const chart = charts.get(parent) ?? mount(parent, update, words);
  chart.update = update;
  chart.words = words;
  loadPlotly(new URL(update.library, files), words).then(
    (Plotly) => draw(chart, Plotly),
    (error) => (chart.node.textContent = error.message),
  );
  // Streamlit also calls this when an update overtakes another: only a chart that left the page is done.
  return () => setTimeout(() => chart.node.isConnected || unmount(parent, chart));
}

/** Keep the earlier runs that stand behind the chart of a key; returns as `show` does. */
export function showGhosts(parent, { key, ghosts, dashes }) {
  const lines = ghosts.map(({ name, lines }, row) => ({
    name,
    dash: dashes[row],
    training: unpack(lines.training),
    validation: unpack(lines.validation),
  }));
  ghostsOf.set(key, { parent, lines });
  redraw(key);
  return () =>
    setTimeout(() => {
      if (parent.isConnected || ghostsOf.get(key)?.parent !== parent) return;
      ghostsOf.delete(key);
      redraw(key);
    });
}

function redraw(key) {
  for (const chart of charts.values()) {
    if (chart.update.key === key && chart.drawn) draw(chart, window.Plotly);
  }
}

function mount(parent, update, words) {
  const node = document.createElement("div");
  node.dataset.testid = "live-chart";
  // Not an image: it holds buttons.
  node.setAttribute("role", "group");
  node.style.width = "100%";
  node.textContent = words.loading;
  const told = document.createElement("p");
  told.id = `live-chart-words-${crypto.getRandomValues(new Uint32Array(1))[0]}`;
  told.style.cssText = "position: absolute; width: 1px; height: 1px; margin: 0; overflow: hidden; clip-path: inset(50%)";
  node.setAttribute("aria-describedby", told.id);
  parent.replaceChildren(node, told);
  // Plotly is megabytes: what stands below the chart must not jump when it has come.
  node.style.height = `${heightOf(update, node.clientWidth)}px`;
  const chart = { node, told, width: 0 };
  chart.observer = new ResizeObserver(() => {
    if (node.clientWidth !== chart.width && window.Plotly) draw(chart, window.Plotly);
  });
  chart.observer.observe(node);
  charts.set(parent, chart);
  return chart;
}

function unmount(parent, chart) {
  chart.observer.disconnect();
  window.Plotly?.purge(chart.node);
  chart.node.remove();
  chart.told.remove();
  charts.delete(parent);
}

function draw(chart, Plotly) {
  const { node, update } = chart;
  chart.width = node.clientWidth;
  if (!chart.width) return; // hidden; the observer draws it when it is shown
  if (!chart.drawn) node.textContent = "";
  const lines = Object.fromEntries(Object.entries(update.lines).map(([name, line]) => [name, unpack(line)]));
  if (lines.measured) lines.measured.epochs = lines.training.epochs;
  const layout = makeLayout(chart);
  node.style.height = `${layout.height}px`;
  node.setAttribute("aria-label", chart.words.curves);
  const ghosts = ghostsOf.get(update.key)?.lines ?? [];
  Plotly.react(node, [...makeTraces(chart, lines), ...makeGhosts(chart, lines, ghosts)], layout, configOf(chart.words, isStacked(chart)));
  chart.drawn = true;
  const told = describe(chart, lines, ghosts);
  if (chart.told.textContent !== told) chart.told.textContent = told;
  node.dataset.points = lines.training.loss.length + lines.validation.loss.length;
}

function makeTraces({ update, words }, lines) {
  // The label stands at a training point; the nearest validation point may be at another epoch.
  const kinds = [
    { kind: "measured", line: lines.measured, colour: update.colours.training, faint: true },
    { kind: "training", line: lines.training, colour: update.colours.training },
    { kind: "validation", line: lines.validation, colour: update.colours.validation, markers: true, at: ` (${fill(words.epoch_number, { epoch: "%{x}" })})` },
  ];
  const panels = [
    { what: "loss", axis: "", form: "%{y:.4~g}" },
    { what: "accuracy", axis: "2", form: "%{y:.2%}" },
  ];
  // Always the same six traces, some of them empty: Plotly then knows each one again.
  return panels.flatMap(({ what, axis, form }) =>
    kinds.map(({ kind, line, colour, faint, markers, at = "" }, row) => ({
      uid: `${what}${row}`, // Plotly makes a class name of it
      type: "scatter",
      name: words[kind],
      legendgroup: kind,
      showlegend: what === "loss" && !faint && line?.loss.length > 0,
      xaxis: `x${axis}`,
      yaxis: `y${axis}`,
      x: line?.epochs ?? [],
      y: line?.[what] ?? [],
      mode: markers || line?.loss.length === 1 ? "lines+markers" : "lines",
      line: { color: colour, width: faint ? 1 : 2 },
      cliponaxis: false, // the marker of the last epoch stands on the edge
      marker: { color: colour, size: line?.loss.length > 50 ? 4 : 6 },
      opacity: faint ? 0.3 : 1,
      hoverinfo: faint ? "skip" : undefined,
      hovertemplate: faint ? undefined : `${words[`${kind}_${what}`]}: ${form}${at}<extra></extra>`,
    })),
  );
}

/** The traces of earlier runs: pale, behind all others, one dash a run. */
function makeGhosts(chart, { training, validation }, ghosts) {
  const reach = GHOST_REACH * [...training.loss, ...validation.loss].reduce((most, loss) => Math.max(most, loss ?? 0), GUESSING_LOSS);
  // One that has diverged must not press all others to the ground.
  const within = (values) => values.map((value) => (value > reach ? null : value));
  return ghosts.flatMap((ghost, row) =>
    ["loss", "accuracy"].flatMap((what) =>
      ["training", "validation"].map((kind) => ({
        uid: `ghost${row}${what}${kind}`,
        type: "scatter",
        name: ghost.name,
        legendgroup: `ghost ${row}`,
        // A phone has no room for a second row of names; a touch on the chart tells them.
        showlegend: what === "loss" && kind === "training" && !isStacked(chart),
        xaxis: what === "loss" ? "x" : "x2",
        yaxis: what === "loss" ? "y" : "y2",
        x: ghost[kind].epochs,
        y: what === "loss" ? within(ghost[kind].loss) : ghost[kind].accuracy,
        mode: "lines",
        line: { color: chart.update.colours[kind], width: 1, dash: ghost.dash },
        opacity: 0.45,
        zorder: -1,
        // The lines of training alone are named: of both there would be a dozen rows.
        hoverinfo: kind === "training" ? undefined : "skip",
        hovertemplate: kind === "training" ? `${ghost.name}: %{y:${what === "loss" ? ".4~g" : ".2%"}}<extra></extra>` : undefined,
      })),
    ),
  );
}

function isStacked({ width }) {
  return width < STACKED_BELOW;
}

function heightOf(update, width) {
  return Math.round(isStacked({ width }) ? update.height * 1.6 : update.height);
}

function makeLayout(chart) {
  const { node, update, width, words } = chart;
  const theme = themeOf(node);
  const stacked = isStacked(chart);
  // Left alone, Plotly gives an axis without a point the range -1 to 4, and accuracy -100 % to 400 %.
  const empty = ![...update.lines.training, ...update.lines.validation].flat().length;
  const base = panelsOf(theme, words, { width, height: heightOf(update, width), stacked, top: 60 });
  const epochs = (title) => ({
    title: titled(title),
    range: [0, update.epochs],
    minallowed: 0,
    maxallowed: update.epochs,
    hoverformat: ".3~f",
    unifiedhovertitle: { text: fill(words.epoch_number, { epoch: "%{x}" }) },
  });
  return {
    ...base,
    hovermode: "x unified",
    hoverlabel: { bgcolor: theme.background || undefined, bordercolor: theme.grid, font: { color: theme.text } },
    // At the head of both panels: below them it would stand among the page's switches.
    legend: { orientation: "h", x: 0, xanchor: "left", yref: "container", y: 1, yanchor: "top" },
    shapes: update.cursor === null ? [] : [cursor("", update.cursor, theme.text), cursor("2", update.cursor, theme.text)],
    xaxis: { ...base.xaxis, ...epochs(stacked ? "" : words.epoch) },
    xaxis2: { ...base.xaxis2, ...epochs(words.epoch) },
    yaxis: {
      ...base.yaxis,
      type: update.logarithmic ? "log" : "linear",
      rangemode: "tozero",
      uirevision: `loss ${update.logarithmic}`, // a zoom means nothing on the other kind of axis
      ...(empty && { range: update.logarithmic ? [-2, 0.5] : [0, 2.5], autorange: false }),
    },
    yaxis2: { ...base.yaxis2, ...(empty && { range: [0, 1], autorange: false }) },
  };
}

/** The epoch that is looked back at, as a line through a panel. */
function cursor(axis, epoch, color) {
  return {
    type: "line", layer: "above", line: { color, width: 1.5, dash: "dot" },
    xref: `x${axis}`, x0: epoch, x1: epoch, yref: `y${axis} domain`, y0: 0, y1: 1,
  };
}

/** Tell a screen reader the latest numbers. */
function describe({ update, words }, { training, validation }, ghosts) {
  const parts = [];
  const say = (name, line) => {
    const [loss, accuracy] = [line.loss.at(-1), line.accuracy.at(-1)];
    if (loss != null) parts.push(`${words[`${name}_loss`]} ${loss}`);
    if (accuracy != null) parts.push(`${words[`${name}_accuracy`]} ${(accuracy * 100).toFixed(1)} %`);
  };
  say("training", training);
  say("validation", validation);
  const epoch = Math.max(training.epochs.at(-1) ?? 0, validation.epochs.at(-1) ?? 0);
  if (!parts.length) return words.nothing;
  const sentences = [fill(words.now, { epoch, epochs: update.epochs, numbers: parts.join(", ") })];
  if (update.cursor !== null) sentences.push(fill(words.back, { epoch: update.cursor }));
  if (ghosts.length) sentences.push(fill(words.behind, { names: ghosts.map(({ name }) => name).join(", ") }));
  return sentences.join(" ");
}
