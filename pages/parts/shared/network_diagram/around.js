// What stands around the diagram: ten test images, weights as pictures, bars, histograms, the table.

import { halves, paintInk, paintWeights, percent, pictureCanvas, told } from "./unpack.js";

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
    this.node = make("section", "", make("h2", "", "Ten test images it has never learned from"), this.words, this.pictures.node);
  }

  show(header) {
    const { ten, classes, bytes, drawing } = header;
    const right = ten.read.filter((read, place) => read === ten.true[place]).length;
    this.words.textContent = `${right} of ${ten.read.length} are read right. Press one to see what the network makes of it.`;
    const pictures = ten.read.map((read, place) => {
      const truth = classes[ten.true[place]];
      const isRight = read === ten.true[place];
      return {
        key: String(ten.true[place]),
        label: `Test image ${ten.rows[place]}, a ${truth}: read as ${classes[read]}, ${percent(ten.sure[place])}, ${isRight ? "right" : "wrong"}`,
        pressed: header.shown === String(ten.true[place]),
        words: isRight ? `✓ ${classes[read].slice(0, 7)}` : `✗ ${classes[read].slice(0, 7)}`,
        mark: isRight ? "right" : "wrong",
        paint: (canvas) => paintInk(canvas, halves(bytes, ten.at, place), 15),
      };
    });
    if (drawing) {
      pictures.push({
        key: "drawing",
        label: "Your drawing: show what the network makes of it",
        pressed: header.shown === "drawing",
        words: "yours",
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
    this.node = make("section", "", make("h2", "", "What the first layer looks for"), this.words, this.pictures.node);
  }

  show(header, chosen, colours) {
    const first = header.columns[0];
    const isOutput = header.columns.length === 1;
    const count = Math.min(first.units.length, header.strip.most);
    const some = count < first.all ? ` (${count} of ${first.all.toLocaleString("en")})` : "";
    this.words.textContent = `The weights of its units to the 784 pixels${some}: ink where it is blue excites a unit, ink where it is orange calms it.`;
    this.pictures.show(
      first.units.slice(0, count).map((unit, place) => ({
        key: String(unit),
        label: `Weights of ${isOutput ? `output ${header.classes[unit]}` : `unit ${unit} of layer 1`}${first.states[place] === "d" ? ", dead" : ""}`,
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
    this.title.textContent = `Your drawing: ${classes[best]}, ${percent(drawing.probabilities[best])} sure`;
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
    this.node = make("details", "", make("summary", "", "How large its weights and outputs are"), this.place);
    this.node.addEventListener("toggle", () => this.header && this.show(this.header));
  }

  show(header) {
    this.header = header;
    if (!this.node.open) return; // nobody looks
    const all = header.columns.flatMap(({ title }, layer) => [
      [`${title}: weights`, header.histograms.weights[layer]],
      [`${title}: outputs`, header.histograms.activations[layer]],
    ]);
    this.place.replaceChildren(
      ...all.map(([title, [low, high, ...shares]]) => {
        const most = Math.max(1, ...shares);
        const bars = make("div", "histogram", ...shares.map((share) => Object.assign(make("i"), { style: `height:${(100 * share) / most}%` })));
        bars.setAttribute("role", "img");
        const top = shares.indexOf(most);
        const at = (edge) => told(low + ((high - low) * edge) / shares.length);
        bars.setAttribute("aria-label", `${title}: from ${told(low)} to ${told(high)}, most between ${at(top)} and ${at(top + 1)}`);
        return make("div", "", make("p", "note", title), bars, make("div", "ends", make("span", "", told(low)), make("span", "", told(high))));
      }),
    );
  }
}

export class Table {
  constructor() {
    this.body = make("tbody");
    const head = make("tr", "", ...["Unit", "Puts out", "State"].map((text) => Object.assign(make("th", "", text), { scope: "col" })));
    const table = make("table", "", make("thead", "", head), this.body);
    this.words = make("p", "note");
    this.node = make("details", "", make("summary", "", "The same as a table"), this.words, make("div", "scroll", table));
    this.node.addEventListener("toggle", () => this.header && this.show(this.header));
  }

  show(header) {
    this.header = header;
    if (!this.node.open) return;
    this.words.textContent = header.columns.map(({ title, activation, units, all }) => `${title}: ${units.length} of ${all} units shown, ${activation}`).join("; ") + ".";
    const states = { d: "dead", s: "saturated", ".": "" };
    const last = header.columns.length - 1;
    this.body.replaceChildren(
      ...header.columns.flatMap((column, number) =>
        column.units.map((unit, place) => {
          const name = number === last ? `Output ${header.classes[unit]}` : `${column.title}, unit ${unit}`;
          const value = number === last ? percent(column.values[place]) : told(column.values[place]);
          const row = make("tr", "", make("th", "", name), make("td", "", value), make("td", "", states[column.states[place]]));
          row.firstChild.scope = "row";
          return row;
        }),
      ),
    );
  }
}
