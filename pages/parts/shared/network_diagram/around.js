// What stands around the diagram: ten test images, weights as pictures, bars, histograms, the table.

import { halves, paintInk, paintWeights, percent, pictureCanvas, told } from "./unpack.js";
import { grouped, say } from "./words.js";

export function make(name, className = "", ...children) {
  const node = document.createElement(name);
  if (className) node.className = className;
  node.append(...children);
  return node;
}

/** Buttons with a picture and words each, in one row; kept over updates. */
class Pictures {
  constructor(className, onPress) {
    this.node = make("div", `row ${className}`);
    this.onPress = onPress;
    this.shown = [];
  }

  /** `pictures` is a list of {key, label, pressed, words, mark, paint}. */
  show(pictures) {
    pictures.forEach((one, place) => {
      const shown = (this.shown[place] ??= this.add());
      shown.key = one.key;
      shown.button.dataset.key = one.key;
      shown.button.setAttribute("aria-label", one.label);
      shown.button.title = one.label;
      shown.button.setAttribute("aria-pressed", Boolean(one.pressed));
      shown.words.textContent = one.words;
      shown.words.className = one.mark ?? "";
      one.paint(shown.canvas);
    });
    while (this.shown.length > pictures.length) this.shown.pop().button.remove();
  }

  add() {
    const [canvas, words, button] = [pictureCanvas(""), make("span"), make("button")];
    const shown = { canvas, words, button, key: "" };
    button.type = "button";
    button.append(canvas, words);
    button.addEventListener("click", () => this.onPress(shown.key));
    this.node.append(button);
    return shown;
  }
}

export class TenImages {
  constructor(onImage) {
    this.words = make("p", "note");
    this.pictures = new Pictures("ten", onImage);
    this.node = make("section", "", make("h2", "", say("ten")), this.words, this.pictures.node);
  }

  show(header) {
    const { ten, classes, bytes, drawing } = header;
    const right = ten.read.filter((read, place) => read === ten.true[place]).length;
    this.words.textContent = say("right_of", { right, all: ten.read.length });
    const pictures = ten.read.map((read, place) => {
      const truth = classes[ten.true[place]];
      const isRight = read === ten.true[place];
      return {
        key: String(ten.true[place]),
        label: say(isRight ? "test_right" : "test_wrong", { row: ten.rows[place], truth, read: classes[read], share: percent(ten.sure[place]) }),
        pressed: header.shown === String(ten.true[place]),
        words: isRight ? `✓ ${classes[read].slice(0, 7)}` : `✗ ${classes[read].slice(0, 7)}`,
        mark: isRight ? "right" : "wrong",
        paint: (canvas) => paintInk(canvas, halves(bytes, ten.at, place), 15),
      };
    });
    if (drawing) {
      pictures.push({
        key: "drawing",
        label: say("show_drawing"),
        pressed: header.shown === "drawing",
        words: say("yours"),
        paint: (canvas) => paintInk(canvas, bytes.subarray(drawing.at, drawing.at + 784), 255),
      });
    }
    this.pictures.show(pictures);
  }
}

export class Strip {
  constructor(onUnit) {
    this.words = make("p", "note");
    this.pictures = new Pictures("strip", (unit) => onUnit(0, Number(unit)));
    this.node = make("section", "", make("h2", "", say("first_layer")), this.words, this.pictures.node);
  }

  show(header, chosen, colours) {
    const first = header.columns[0];
    const isOutput = header.columns.length === 1;
    const count = Math.min(first.units.length, header.strip.most);
    this.words.textContent = say(count < first.all ? "weights_of_some" : "weights_of_units", { count, all: grouped(first.all) });
    this.pictures.show(
      first.units.slice(0, count).map((unit, place) => ({
        key: String(unit),
        label: say("weights_of", { name: isOutput ? say("output_in_a_line", { name: header.classes[unit] }) : say("unit_of_layer", { unit, layer: 1 }) }) + (first.states[place] === "d" ? `, ${say("dead")}` : ""),
        pressed: chosen?.layer === 0 && chosen.unit === unit,
        words: isOutput ? header.classes[unit].slice(0, 7) : String(unit),
        paint: (canvas) => paintWeights(canvas, halves(header.bytes, header.strip.at, place), 7, colours),
      })),
    );
  }
}

export class Yours {
  constructor() {
    this.title = make("h2");
    this.canvas = pictureCanvas("");
    this.bars = make("div", "bars");
    this.bars.setAttribute("aria-hidden", "true"); // the heading and the table say it
    this.node = make("section", "", this.title, make("div", "yours", this.canvas, this.bars));
    this.node.dataset.testid = "your-digit";
    this.poles = [];
  }

  show({ drawing, classes, bytes }) {
    this.node.hidden = !drawing;
    if (!drawing) return;
    const best = drawing.probabilities.indexOf(Math.max(...drawing.probabilities));
    this.title.textContent = say("drawing_read", { name: classes[best], share: percent(drawing.probabilities[best]) });
    paintInk(this.canvas, bytes.subarray(drawing.at, drawing.at + 784), 255);
    drawing.probabilities.forEach((share, place) => {
      const pole = (this.poles[place] ??= this.add(classes[place]));
      pole.bar.style.height = `${100 * share}%`;
      pole.node.className = place === best ? "first" : "";
    });
  }

  add(name) {
    const bar = make("i");
    const node = make("div", "", make("div", "pole", bar), make("span", "", name.slice(0, 4)));
    this.bars.append(node);
    return { node, bar };
  }
}

export class Histograms {
  constructor() {
    this.place = make("div", "histograms");
    this.node = make("details", "", make("summary", "", say("how_large")), this.place);
    this.node.addEventListener("toggle", () => this.header && this.show(this.header));
  }

  show(header) {
    this.header = header;
    if (!this.node.open) return; // nobody looks
    const all = header.columns.flatMap(({ title }, layer) => [
      [say("layer_weights", { layer: title }), header.histograms.weights[layer]],
      [say("layer_outputs", { layer: title }), header.histograms.activations[layer]],
    ]);
    this.place.replaceChildren(
      ...all.map(([title, [low, high, ...shares]]) => {
        const most = Math.max(1, ...shares);
        const bars = make("div", "histogram", ...shares.map((share) => Object.assign(make("i"), { style: `height:${(100 * share) / most}%` })));
        bars.setAttribute("role", "img");
        const top = shares.indexOf(most);
        const at = (edge) => told(low + ((high - low) * edge) / shares.length);
        bars.setAttribute("aria-label", say("histogram", { title, low: told(low), high: told(high), from: at(top), to: at(top + 1) }));
        return make("div", "", make("p", "note", title), bars, make("div", "ends", make("span", "", told(low)), make("span", "", told(high))));
      }),
    );
  }
}

export class Table {
  constructor() {
    this.body = make("tbody");
    const head = make("tr", "", ...["column_unit", "column_output", "column_state"].map((name) => Object.assign(make("th", "", say(name)), { scope: "col" })));
    const table = make("table", "", make("thead", "", head), this.body);
    this.words = make("p", "note");
    this.node = make("details", "", make("summary", "", say("as_table")), this.words, make("div", "scroll", table));
    this.node.addEventListener("toggle", () => this.header && this.show(this.header));
  }

  show(header) {
    this.header = header;
    if (!this.node.open) return;
    this.words.textContent = header.columns.map(({ title, activation, units, all }) => say("units_shown", { layer: title, count: units.length, all, activation })).join("; ") + ".";
    const states = { d: say("dead"), s: say("saturated"), ".": "" };
    const last = header.columns.length - 1;
    this.body.replaceChildren(
      ...header.columns.flatMap((column, number) =>
        column.units.map((unit, place) => {
          const name = number === last ? say("output", { name: header.classes[unit] }) : say("unit", { layer: column.title, unit });
          const value = number === last ? percent(column.values[place]) : told(column.values[place]);
          const row = make("tr", "", make("th", "", name), make("td", "", value), make("td", "", states[column.states[place]]));
          row.firstChild.scope = "row";
          return row;
        }),
      ),
    );
  }
}
