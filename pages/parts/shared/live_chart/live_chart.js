// The live chart: loss and accuracy drawn by Plotly into one node that stays in the page.
// Streamlit calls `show` for every update and whenever its theme changes.

const STACKED_BELOW = 640; // px; narrower than this, accuracy stands below loss

const charts = new Map(); // parent element -> chart
const ghostsOf = new Map(); // key of a chart -> the earlier runs behind it, and the element that holds them
const GHOST_REACH = 1.2; // as core.figures.charts.curves: up to so many times the highest own loss
const GUESSING_LOSS = 2.31;
const spoken = new Map(); // address of a file of words -> its promise
let library;

/** Fetch the words that Python has written, once. */
function wordsAt(url) {
  if (!spoken.has(url.href)) {
    const words = fetch(url).then((answer) => answer.json());
    words.catch(() => spoken.delete(url.href)); // the next update tries again
    spoken.set(url.href, words);
  }
  return spoken.get(url.href);
}

/** Fill in the `{names}` of a text. */
function fill(text, values) {
  return text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

/** Load Plotly once a page; resolves to `window.Plotly`. */
function loadPlotly(url, words) {
  library ??= new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = url;
    script.onload = () => resolve(window.Plotly);
    script.onerror = () => {
      library = undefined; // the next update tries again
      script.remove();
      reject(new Error(words.not_loaded));
    };
    document.head.append(script);
  });
  return library;
}

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
  Plotly.react(node, [...makeTraces(chart, lines), ...makeGhosts(chart, lines, ghosts)], layout, {
    displaylogo: false,
    displayModeBar: isStacked(chart) ? false : "hover", // it would cover half of a small chart
    modeBarButtonsToRemove: ["select2d", "lasso2d", "autoScale2d"],
    showSendToCloud: false, // nobody's curves go to another company's server
    locale: "page",
    locales: { page: { dictionary: chart.words.plotly } },
  });
  chart.drawn = true;
  const told = describe(chart, lines, ghosts);
  if (chart.told.textContent !== told) chart.told.textContent = told;
  node.dataset.points = lines.training.loss.length + lines.validation.loss.length;
}

/** Undo `core.figures.curves.compact`. */
function unpack(line) {
  const [accuracy, loss, steps] = [...line].reverse();
  let thousandths = 0;
  return {
    epochs: steps?.map((step) => (thousandths += step) / 1000),
    loss,
    accuracy: accuracy.map((value) => (value === null ? null : value / 10000)),
  };
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
  const style = getComputedStyle(node);
  const theme = (name) => style.getPropertyValue(`--st-${name}`).trim();
  const text = theme("text-color") || style.color;
  const grid = theme("border-color-light") || theme("border-color") || "rgba(128, 128, 128, 0.25)";
  const stacked = isStacked(chart);
  // Left alone, Plotly gives an axis without a point the range -1 to 4, and accuracy -100 % to 400 %.
  const empty = ![...update.lines.training, ...update.lines.validation].flat().length;
  const line = { gridcolor: grid, linecolor: grid, zeroline: false, automargin: false };
  const epochs = (title) => ({
    ...line,
    title: { text: title, standoff: 6, font: { size: 13 } },
    range: [0, update.epochs],
    minallowed: 0,
    maxallowed: update.epochs,
    hoverformat: ".3~f",
    unifiedhovertitle: { text: fill(words.epoch_number, { epoch: "%{x}" }) },
  });
  const heading = (name, axis) => ({
    text: `<b>${name}</b>`, showarrow: false, font: { size: 15 },
    xref: `x${axis} domain`, yref: `y${axis} domain`, x: 0, y: 1, xanchor: "left", yanchor: "bottom",
  });
  return {
    uirevision: "keep", // zoom and hidden lines outlive the next update
    width,
    height: heightOf(update, width),
    margin: { l: 48, r: 12, t: 60, b: 44 },
    paper_bgcolor: "rgba(0,0,0,0)",
    plot_bgcolor: "rgba(0,0,0,0)",
    font: { color: text, family: theme("font") || style.fontFamily, size: 13 },
    modebar: { bgcolor: "rgba(0,0,0,0)", color: theme("gray-text-color") || text, activecolor: text },
    hovermode: "x unified",
    hoverlabel: { bgcolor: theme("background-color") || undefined, bordercolor: grid, font: { color: text } },
    // A finger that moves over the chart scrolls the page.
    dragmode: matchMedia("(pointer: coarse)").matches ? false : "zoom",
    // At the head of both panels: below them it would stand among the page's switches.
    legend: { orientation: "h", x: 0, xanchor: "left", yref: "container", y: 1, yanchor: "top" },
    annotations: [heading(words.loss, ""), heading(words.accuracy, "2")],
    shapes: update.cursor === null ? [] : [cursor("", update.cursor, text), cursor("2", update.cursor, text)],
    xaxis: { ...epochs(stacked ? "" : words.epoch), domain: stacked ? [0, 1] : [0, 0.455], anchor: "y" },
    xaxis2: { ...epochs(words.epoch), domain: stacked ? [0, 1] : [0.545, 1], anchor: "y2", matches: "x" },
    yaxis: {
      ...line,
      type: update.logarithmic ? "log" : "linear",
      rangemode: "tozero",
      uirevision: `loss ${update.logarithmic}`, // a zoom means nothing on the other kind of axis
      domain: stacked ? [0.57, 1] : [0, 1],
      anchor: "x",
      ...(empty && { range: update.logarithmic ? [-2, 0.5] : [0, 2.5], autorange: false }),
    },
    yaxis2: {
      ...line,
      tickformat: ".0%",
      // Around a single point Plotly would show -10 % to 190 %.
      minallowed: 0,
      maxallowed: 1,
      domain: stacked ? [0, 0.43] : [0, 1],
      anchor: "x2",
      ...(empty && { range: [0, 1], autorange: false }),
    },
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
