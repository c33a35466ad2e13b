// The table beside the chart: which line is whose, and what all of them read at the place that is looked at.

import { fill } from "./plotly_page.js";

const SVG = "http://www.w3.org/2000/svg";
const PANELS = ["loss", "accuracy"];
const NOTHING = "–";
const ROOMY = 9; // so many names have a line of their own

export class Readout {
  /** `toggle(id)` is called when a row is pressed, `point(id)` when it is pointed at, with null when no more. */
  constructor(parent, { toggle, point }) {
    this.table = document.createElement("table");
    this.caption = this.table.createCaption();
    this.head = this.table.createTHead();
    this.bodies = new Map(); // id -> the part of the table that tells of one line
    this.toggle = toggle;
    this.point = point;
    parent.append(this.table);
  }

  /** Say everything in these words from now on. */
  speak(words) {
    this.words = words;
    this.form = undefined;
  }

  show(rows, { kinds, axis, at }) {
    const columns = PANELS.flatMap((what) => kinds.map((kind) => `${what} ${kind}`));
    const form = `${columns} ${rows.length <= ROOMY}`;
    if (this.form !== form) this.#begin(form, kinds);
    this.caption.textContent = at === null ? this.words.last : fill(this.words[`${axis}_at`], { place: placeOf(at, axis) });
    const best = Object.fromEntries(columns.map((column) => [column, bestOf(rows, column)]));
    for (const [id, body] of this.bodies) {
      if (!rows.some((wanted) => wanted.id === id)) {
        body.remove();
        this.bodies.delete(id);
      }
    }
    rows.forEach((wanted, place) => {
      const body = this.bodies.get(wanted.id) ?? this.#makeBody(wanted, columns.length, rows.length <= ROOMY);
      if (this.table.tBodies[place] !== body) this.table.insertBefore(body, this.table.tBodies[place] ?? null);
      this.#fill(body, wanted, columns, best);
    });
  }

  #begin(form, kinds) {
    this.form = form;
    this.head.replaceChildren();
    for (const body of this.bodies.values()) body.remove();
    this.bodies.clear();
    const heads = [this.head.insertRow()];
    const single = kinds.length === 1;
    heads[0].append(cell("th", this.words.run, { scope: "col", rowSpan: single ? 1 : 2, className: "name" }));
    heads[0].append(...PANELS.map((what) => cell("th", single ? this.words[`${kinds[0]}_${what}`] : this.words[what], { colSpan: kinds.length, scope: "colgroup" })));
    if (single) return;
    heads.push(this.head.insertRow());
    heads[1].append(...PANELS.flatMap(() => kinds.map((kind) => cell("th", this.words[kind], { scope: "col" }))));
  }

  #makeBody({ id, colour, dash }, columns, isRoomy) {
    const button = document.createElement("button");
    button.type = "button";
    button.append(swatch(colour, dash), document.createElement("span"));
    button.addEventListener("click", () => this.toggle(id));
    for (const event of ["pointerenter", "focus"]) button.addEventListener(event, () => this.point(id));
    for (const event of ["pointerleave", "blur"]) button.addEventListener(event, () => this.point(null));
    const head = cell("th", "", { scope: isRoomy ? "rowgroup" : "row", colSpan: isRoomy ? columns + 1 : 1 });
    head.append(button);
    const body = document.createElement("tbody");
    const first = body.insertRow();
    first.append(head);
    const values = isRoomy ? body.insertRow() : first;
    if (isRoomy) values.append(cell("td", ""));
    values.append(...Array.from({ length: columns }, () => cell("td", "", { className: "value" })));
    this.bodies.set(id, body);
    return body;
  }

  #fill(body, { name, away, values }, columns, best) {
    const button = body.querySelector("button");
    set(button.lastChild, "textContent", name);
    set(button, "title", `${name} · ${away ? this.words.show : this.words.hide}`);
    button.setAttribute("aria-pressed", String(!away));
    set(body, "className", away ? "away" : "");
    const cells = body.querySelectorAll(".value");
    columns.forEach((column, place) => {
      const { value, edges } = values[column];
      set(cells[place], "textContent", textOf(column, value, columns.length > PANELS.length ? null : edges));
      set(cells[place], "className", value !== null && value === best[column] ? "value best" : "value");
    });
  }
}

/** Set what has changed only: half a hundred cells are told at each move of the pointer. */
function set(element, name, value) {
  if (element[name] !== value) element[name] = value;
}

function cell(name, text, attributes = {}) {
  return Object.assign(document.createElement(name), attributes, { textContent: text });
}

function swatch(colour, dash) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("width", "30");
  svg.setAttribute("height", "8");
  svg.setAttribute("aria-hidden", "true");
  const line = document.createElementNS(SVG, "line");
  for (const [name, value] of Object.entries({ x1: 0, x2: 30, y1: 4, y2: 4, stroke: colour, "stroke-width": 2.5, "stroke-dasharray": dash })) line.setAttribute(name, value);
  svg.append(line);
  return svg;
}

function bestOf(rows, column) {
  const values = rows.filter((row) => !row.away).map((row) => row.values[column].value).filter((value) => value !== null);
  if (values.length < 2) return undefined;
  return column.startsWith("loss") ? Math.min(...values) : Math.max(...values);
}

/** Write a value, and where there is room between what the seeds lie of which it is the mean. */
function textOf(column, value, edges) {
  if (value === null) return NOTHING;
  const isLoss = column.startsWith("loss");
  const write = (number, digits) => (isLoss ? lossOf(number) : (100 * number).toFixed(digits));
  if (!edges?.every((edge) => edge !== null)) return write(value, 1) + (isLoss ? "" : " %");
  return `${write(value, 2)} (${edges.map((edge) => write(edge, 2)).join("–")})`;
}

function lossOf(value) {
  return value >= 100 ? value.toPrecision(3) : value >= 0.1 ? value.toFixed(3) : value.toFixed(4);
}

function placeOf(at, axis) {
  return axis === "step" ? Math.round(at).toLocaleString("en").replaceAll(",", "\u202f") : at.toFixed(2);
}
