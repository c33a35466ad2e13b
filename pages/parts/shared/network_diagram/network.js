// The network as a picture: image, layers, ten outputs. Nodes stay in the page; updates change what they say.

import { paintInk, percent, pictureCanvas, told } from "./unpack.js";
import { grouped, say } from "./words.js";

const SVG = "http://www.w3.org/2000/svg";
const HEIGHT = 420;
const TOP = 44; // px for the titles
const NEAR = 26; // px around a unit that count as the unit: a finger is wide
const KEYS = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] };

function element(name, attributes = {}, parent = null) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  parent?.append(made);
  return made;
}

export class Network {
  /** `onUnit(layer, unit)` is called for a unit that was pressed. */
  constructor(onUnit) {
    this.onUnit = onUnit;
    this.node = element("svg", { class: "network", role: "group", height: HEIGHT });
    this.node.dataset.testid = "network-diagram";
    this.lines = element("g", { "aria-hidden": "true" }, this.node);
    this.picture = element("foreignObject", { "aria-hidden": "true" }, this.node);
    this.canvas = pictureCanvas("input");
    this.picture.append(this.canvas);
    this.columns = [];
    this.pool = new Map(); // "layer from to" -> line
    this.focused = [0, 0];
    this.node.addEventListener("click", (event) => this.press(event));
    this.node.addEventListener("keydown", (event) => this.key(event));
    new ResizeObserver(() => {
      if (this.header && this.node.clientWidth !== this.width) this.show(this.header, this.chosen);
    }).observe(this.node);
  }

  show(header, chosen) {
    this.header = header;
    this.chosen = chosen;
    this.width = this.node.clientWidth;
    if (!this.width) return; // hidden; the observer draws it when it is shown
    this.place(header);
    paintInk(this.canvas, header.bytes.subarray(header.image, header.image + 784), 255);
    header.columns.forEach((column, number) => this.showColumn(column, number));
    while (this.columns.length > header.columns.length) this.columns.pop().node.remove();
    this.showLines(header.columns);
    const sizes = header.columns.map((column) => column.all).join(", ");
    this.node.setAttribute("aria-label", say("network", { sizes }));
    this.node.dataset.updates = Number(this.node.dataset.updates ?? 0) + 1;
  }

  place({ columns }) {
    const side = Math.max(48, Math.min(120, this.width * 0.16));
    const right = this.width < 560 ? 74 : 128; // for the digits and their shares
    const first = side + Math.min(60, this.width * 0.08);
    const gap = columns.length > 1 ? (this.width - right - first) / (columns.length - 1) : 0;
    this.geometry = { side, right, gap, x: (number) => (columns.length > 1 ? first + number * gap : this.width - right) };
    const middle = TOP + (HEIGHT - TOP) / 2;
    for (const [key, value] of Object.entries({ x: 0, y: middle - side / 2, width: side, height: side })) this.picture.setAttribute(key, value);
    this.canvas.style.cssText = `width:${side}px;height:${side}px`;
  }

  y(count, place) {
    const step = Math.min(44, (HEIGHT - TOP - 8) / count);
    return TOP + (HEIGHT - TOP) / 2 + (place - (count - 1) / 2) * step;
  }

  showColumn(column, number) {
    const isOutput = number === this.header.columns.length - 1;
    const drawn = (this.columns[number] ??= this.makeColumn());
    const count = column.units.length;
    const x = this.geometry.x(number);
    const step = Math.min(44, (HEIGHT - TOP - 8) / count);
    drawn.radius = Math.max(4, Math.min(11, step * 0.42, (this.geometry.gap || 40) * 0.3));
    const isNarrow = this.geometry.gap < 84 && this.header.columns.length > 1;
    drawn.title.textContent = isNarrow && !isOutput ? say("short_layer", { number: number + 1 }) : column.title;
    drawn.title.setAttribute("x", isOutput ? x + this.geometry.right / 3 : x);
    drawn.title.setAttribute("y", 11);
    const told = column.all > count ? say("some", { count, all: grouped(column.all) }) : isOutput ? "" : `${count}`;
    const lines = isNarrow && column.all > count ? [say("some_of", { count }), grouped(column.all)] : [told];
    drawn.counts.forEach((text, line) => {
      text.textContent = lines[line] ?? "";
      text.setAttribute("x", x);
      text.setAttribute("y", 23 + 11 * line);
    });
    const largest = isOutput ? 1 : Math.max(1e-9, ...column.values.map((value) => Math.abs(value ?? 0)));
    column.units.forEach((unit, place) => {
      const shown = (drawn.units[place] ??= this.makeUnit(drawn.node));
      this.showUnit(shown, { column, number, unit, place, x, y: this.y(count, place), radius: drawn.radius, largest, isOutput });
    });
    while (drawn.units.length > count) drawn.units.pop().node.remove();
  }

  makeColumn() {
    const node = element("g", {}, this.node);
    const title = element("text", { class: "title" }, node);
    const counts = [0, 1].map(() => element("text", { class: "count" }, node));
    return { node, title, counts, units: [], radius: 0 };
  }

  makeUnit(parent) {
    const node = element("g", { class: "unit", role: "button", tabindex: -1 }, parent);
    const parts = ["ring", "ground", "body"].map((name) => element("circle", { class: name }, node));
    const cross = element("path", { class: "cross" }, node);
    return { node, parts, cross, share: null };
  }

  showUnit(shown, { column, number, unit, place, x, y, radius, largest, isOutput }) {
    const value = column.values[place];
    const state = column.states[place];
    shown.at = { number, place, unit, x, y };
    shown.node.setAttribute("class", `unit ${state === "d" ? "dead" : state === "s" ? "saturated" : ""}`);
    shown.node.dataset.unit = `${number}.${unit}`;
    const isChosen = this.chosen?.layer === number && this.chosen.unit === unit;
    shown.node.setAttribute("aria-pressed", isChosen);
    const [column0, place0] = this.focused;
    shown.node.setAttribute("tabindex", column0 === number && place0 === place ? 0 : -1);
    const name = isOutput ? say("output", { name: this.header.classes[unit] }) : say("unit", { layer: column.title, unit });
    const words = state === "d" ? `, ${say("dead")}` : state === "s" ? `, ${say("saturated")}` : "";
    shown.node.setAttribute("aria-label", `${name}: ${isOutput ? percent(value) : told(value)}${words}`);
    shown.parts.forEach((circle, index) => {
      circle.setAttribute("cx", x);
      circle.setAttribute("cy", y);
      circle.setAttribute("r", index ? radius : radius + 3);
    });
    const body = shown.parts[2];
    body.classList.toggle("minus", value < 0);
    body.setAttribute("fill-opacity", Math.abs(value ?? 0) / largest);
    const d = radius * 0.6;
    shown.cross.setAttribute("d", `M${x - d},${y - d}L${x + d},${y + d}M${x - d},${y + d}L${x + d},${y - d}`);
    if (isOutput) this.showShare(shown, { value, name: this.header.classes[unit], x: x + radius + 6, y });
  }

  showShare(shown, { value, name, x, y }) {
    shown.share ??= {
      ground: element("rect", { class: "share-ground", height: 6, rx: 3 }, shown.node),
      bar: element("rect", { class: "share", height: 6, rx: 3 }, shown.node),
      text: element("text", {}, shown.node),
    };
    const { ground, bar, text } = shown.share;
    const width = Math.max(20, this.geometry.right - 34);
    text.textContent = this.width < 560 ? name.slice(0, 7) : `${name.slice(0, 11)}\u2002${percent(value)}`;
    text.setAttribute("x", x);
    text.setAttribute("y", y + 2);
    for (const [rect, size] of [[ground, width], [bar, width * (value ?? 0)]]) {
      rect.setAttribute("x", x);
      rect.setAttribute("y", y + 6);
      rect.setAttribute("width", size);
    }
  }

  showLines(columns) {
    const seen = new Set();
    columns.forEach((column, number) => {
      const largest = Math.max(1e-12, ...column.weights.map(Math.abs));
      column.weights.forEach((weight, row) => {
        const to = this.columns[number].units[column.to[row]].at;
        const from = number
          ? this.columns[number - 1].units[column.from[row]].at
          : { x: this.geometry.side, y: TOP + (HEIGHT - TOP) / 2, unit: "picture" };
        // By units and not by places: another unit's line is another line.
        const key = `${number} ${from.unit} ${to.unit}`;
        seen.add(key);
        let line = this.pool.get(key);
        if (!line) this.pool.set(key, (line = element("line", { "stroke-opacity": 0 }, this.lines)));
        const share = Math.abs(weight) / largest;
        const ends = { x1: from.x, y1: from.y, x2: to.x, y2: to.y };
        for (const [name, value] of Object.entries(ends)) line.setAttribute(name, value);
        line.setAttribute("class", weight < 0 ? "minus" : "plus");
        line.setAttribute("stroke-width", 0.5 + 3.5 * share);
        line.setAttribute("stroke-opacity", 0.12 + 0.7 * share);
      });
    });
    for (const [key, line] of this.pool) {
      if (seen.has(key)) continue;
      line.remove();
      this.pool.delete(key);
    }
  }

  press(event) {
    const box = this.node.getBoundingClientRect();
    const [x, y] = [event.clientX - box.left, event.clientY - box.top];
    const distance = ({ at }) => Math.hypot(at.x - x, at.y - y);
    const isOn = event.target.closest?.(".unit");
    const units = this.columns.flatMap((column) => column.units);
    const nearest = units.find(({ node }) => node === isOn) ?? units.reduce((best, one) => (distance(one) < distance(best) ? one : best));
    if (isOn || distance(nearest) <= NEAR) this.take(nearest.at);
  }

  take({ number, place, unit }) {
    this.move(number, place, false);
    this.onUnit(number, unit);
  }

  key(event) {
    const [number, place] = this.focused;
    if (event.key === "Enter" || event.key === " ") {
      this.take(this.columns[number].units[place].at);
    } else if (KEYS[event.key]) {
      const [across, down] = KEYS[event.key];
      const column = Math.max(0, Math.min(this.columns.length - 1, number + across));
      const { y } = this.columns[number].units[place].at;
      const units = this.columns[column].units;
      const level = units.reduce((best, one, at) => (Math.abs(one.at.y - y) < Math.abs(units[best].at.y - y) ? at : best), 0);
      this.move(column, across ? level : Math.max(0, Math.min(units.length - 1, place + down)), true);
    } else return;
    event.preventDefault();
    event.stopPropagation(); // Streamlit has keys of its own
  }

  move(number, place, isFocused) {
    const [before, placeBefore] = this.focused;
    this.columns[before]?.units[placeBefore]?.node.setAttribute("tabindex", -1);
    this.focused = [number, place];
    const { node } = this.columns[number].units[place];
    node.setAttribute("tabindex", 0);
    if (isFocused) node.focus();
  }
}
