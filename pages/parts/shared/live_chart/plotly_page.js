// What all charts have in common that Plotly draws into a node of the page: how they get the library and their
// words, how they look, and how two panels stand beside each other.

export const STACKED_BELOW = 640; // px; narrower than this, accuracy stands below loss

const spoken = new Map(); // address of a file of words -> its promise
let library;

/** Fetch the words that Python has written, once. */
export function wordsAt(url) {
  if (!spoken.has(url.href)) {
    const words = fetch(url).then((answer) => answer.json());
    words.catch(() => spoken.delete(url.href)); // the next update tries again
    spoken.set(url.href, words);
  }
  return spoken.get(url.href);
}

/** Fill in the `{names}` of a text. */
export function fill(text, values) {
  return text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

/** Load Plotly once a page; resolves to `window.Plotly`. */
export function loadPlotly(url, words) {
  if (window.Plotly) return Promise.resolve(window.Plotly);
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

/** Undo `core.figures.curves.compact`. */
export function unpack(line) {
  const [accuracy, loss, steps] = [...line].reverse();
  let thousandths = 0;
  return {
    epochs: steps?.map((step) => (thousandths += step) / 1000),
    loss,
    accuracy: accuracy.map((value) => (value === null ? null : value / 10000)),
  };
}

/** Return the colours and the font of the page around `node`. */
export function themeOf(node) {
  const style = getComputedStyle(node);
  const theme = (name) => style.getPropertyValue(`--st-${name}`).trim();
  const text = theme("text-color") || style.color;
  return {
    text,
    grid: theme("border-color-light") || theme("border-color") || "rgba(128, 128, 128, 0.25)",
    grey: theme("gray-text-color") || text,
    background: theme("background-color"),
    font: theme("font") || style.fontFamily,
  };
}

/** Return a layout of two panels, loss and accuracy, with nothing said yet of what is on their axes. */
export function panelsOf(theme, words, { width, height, stacked, top }) {
  const line = { gridcolor: theme.grid, linecolor: theme.grid, zeroline: false, automargin: false };
  const heading = (name, axis) => ({
    text: `<b>${name}</b>`, showarrow: false, font: { size: 15 },
    xref: `x${axis} domain`, yref: `y${axis} domain`, x: 0, y: 1, xanchor: "left", yanchor: "bottom",
  });
  return {
    uirevision: "keep", // zoom and hidden lines outlive the next update
    width,
    height,
    margin: { l: 48, r: 12, t: top, b: 44 },
    paper_bgcolor: "rgba(0,0,0,0)",
    plot_bgcolor: "rgba(0,0,0,0)",
    font: { color: theme.text, family: theme.font, size: 13 },
    modebar: { bgcolor: "rgba(0,0,0,0)", color: theme.grey, activecolor: theme.text },
    // A finger that moves over the chart scrolls the page.
    dragmode: matchMedia("(pointer: coarse)").matches ? false : "zoom",
    annotations: [heading(words.loss, ""), heading(words.accuracy, "2")],
    xaxis: { ...line, domain: stacked ? [0, 1] : [0, 0.455], anchor: "y" },
    xaxis2: { ...line, domain: stacked ? [0, 1] : [0.545, 1], anchor: "y2", matches: "x" },
    yaxis: { ...line, domain: stacked ? [0.57, 1] : [0, 1], anchor: "x" },
    // Around a single point Plotly would show -10 % to 190 %.
    yaxis2: { ...line, tickformat: ".0%", minallowed: 0, maxallowed: 1, domain: stacked ? [0, 0.43] : [0, 1], anchor: "x2" },
  };
}

/** Return the title of an axis. */
export function titled(text) {
  return { text, standoff: 6, font: { size: 13 } };
}

/** Return how Plotly behaves; `small` is a chart half of which its buttons would cover. */
export function configOf(words, small) {
  return {
    displaylogo: false,
    displayModeBar: small ? false : "hover",
    modeBarButtonsToRemove: ["select2d", "lasso2d", "autoScale2d"],
    showSendToCloud: false, // nobody's curves go to another company's server
    locale: "page",
    locales: { page: { dictionary: words.plotly } },
  };
}
