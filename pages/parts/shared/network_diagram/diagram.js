// The inside of a network: `show` is called for every update and brings what stands up to date in place.

import { Histograms, make, Strip, Table, TenImages, Yours } from "./around.js";
import { Network } from "./network.js";
import { STYLE } from "./style.js";
import { UnitDetail } from "./unit.js";
import { unpack } from "./unpack.js";
import { learn, say } from "./words.js";

const views = new WeakMap(); // parent element -> view

export async function show(component, needed, deflated, files) {
  const { parentElement } = component;
  const words = new URL(needed.words, files);
  await learn(words);
  const known = views.get(parentElement);
  // In another language all is made anew.
  const view = known?.words === words.href ? known : mount(parentElement, words.href);
  view.component = component;
  const turn = ++view.asked;
  unpack(deflated).then(
    (header) => {
      if (turn < view.shown) return; // a later one was quicker
      view.shown = turn;
      draw(view, header);
    },
    (error) => {
      console.error(error);
      view.when.textContent = say("damaged");
    },
  );
  return () => setTimeout(() => view.node.isConnected || views.delete(parentElement));
}

function mount(parent, words) {
  const view = { words, asked: 0, shown: 0, component: null, chosen: null };
  const ask = (name, value) => view.component.setStateValue(name, value);
  const onUnit = (layer, unit) => {
    view.last = view.node.getRootNode().activeElement;
    ask("unit", `${layer}.${unit}`);
  };
  const close = () => {
    ask("unit", "");
    (view.last?.isConnected ? view.last : view.network.node.querySelector('[tabindex="0"]'))?.focus();
  };
  view.network = new Network(onUnit);
  view.unit = new UnitDetail(close);
  view.ten = new TenImages((key) => ask("image", key));
  view.strip = new Strip(onUnit);
  view.yours = new Yours();
  view.histograms = new Histograms();
  view.table = new Table();
  view.when = make("p", "note");
  view.what = make("h2");
  view.legend = make("p", "note", `${say("lines")} ${say("units")}`);
  const diagram = make("section", "", view.what, view.when, view.network.node, view.legend);
  view.node = make("div", "inside", view.ten.node, view.yours.node, diagram, view.unit.node, view.strip.node, view.histograms.node, view.table.node);
  view.node.dataset.testid = "inside";
  parent.replaceChildren(make("style", "", STYLE), view.node);
  view.node.addEventListener("keydown", (event) => event.key === "Escape" && view.chosen && close());
  views.set(parent, view);
  return view;
}

function draw(view, header) {
  view.chosen = header.unit ?? null;
  const colours = coloursOf(view.node);
  view.what.textContent = header.what;
  view.when.textContent = header.when;
  view.ten.show(header);
  view.yours.show(header);
  view.network.show(header, view.chosen);
  view.unit.show(header, colours);
  view.strip.show(header, view.chosen, colours);
  view.histograms.show(header);
  view.table.show(header);
  view.node.dataset.version = header.version;
}

/** Return the colours of weights as red, green, blue: a canvas knows no `light-dark`. */
function coloursOf(node) {
  const probe = make("i");
  node.append(probe);
  const resolve = (value) => {
    probe.style.color = value;
    const parts = getComputedStyle(probe).color.match(/[\d.]+/g)?.map(Number) ?? [128, 128, 128];
    return parts.slice(0, 3);
  };
  const colours = { plus: resolve("var(--plus)"), minus: resolve("var(--minus)"), page: resolve("var(--st-background-color, white)") };
  probe.remove();
  return colours;
}
