// One unit looked into: its weights as a picture, what it adds up, the images that excite it most.

import { make } from "./around.js";
import { halves, paintInk, paintWeights, percent, pictureCanvas, PIXELS, told } from "./unpack.js";
import { say } from "./words.js";

export class UnitDetail {
  constructor(onClose) {
    this.title = make("h2");
    this.weights = pictureCanvas("large");
    this.legend = make("p", "note");
    this.sums = make("tbody");
    this.nine = make("div", "nine");
    this.words = make("p", "note");
    this.about = make("p", "note");
    const close = make("button", "close", say("close"));
    close.type = "button";
    close.addEventListener("click", onClose);
    this.node = make(
      "section",
      "unit-detail",
      make("header", "", make("div", "", this.title, this.about), close),
      make("div", "", this.weights, this.legend),
      make("div", "sums", make("h3", "", say("adds_up")), make("div", "scroll", make("table", "", this.sums))),
      make("div", "", make("h3", "", say("excites")), this.nine, this.words),
    );
    this.node.dataset.testid = "unit-detail";
    this.node.setAttribute("role", "region");
    this.node.setAttribute("aria-label", say("chosen"));
    this.node.hidden = true;
  }

  show(header, colours) {
    const unit = header.unit;
    this.node.hidden = !unit;
    if (!unit) return;
    const isOutput = unit.layer === header.columns.length - 1;
    const column = header.columns[unit.layer];
    const name = isOutput ? say("output", { name: header.classes[unit.unit] }) : say("unit", { layer: column.title, unit: unit.unit });
    this.title.textContent = name;
    this.node.dataset.unit = `${unit.layer}.${unit.unit}`;
    this.about.textContent = say(unit.projected ? "projected" : "own_weights");
    paintWeights(this.weights, header.bytes.subarray(unit.at, unit.at + PIXELS), 127, colours);
    this.weights.setAttribute("role", "img");
    this.weights.setAttribute("aria-label", say("weights_range", { name, low: told(-unit.scale), high: told(unit.scale) }));
    this.legend.textContent = say("colours", { low: told(-unit.scale), high: told(unit.scale) });
    this.showSum(header, unit, isOutput, column);
    this.nine.replaceChildren(...unit.rows.map((row, place) => this.image(header, unit, place, row, isOutput)));
    this.words.textContent = say("of_images", { count: unit.of });
  }

  showSum(header, unit, isOutput, column) {
    const source = (input) =>
      unit.layer ? say("unit_of_layer", { unit: input, layer: unit.layer }) : say("pixel", { row: Math.floor(input / 28) + 1, column: (input % 28) + 1 });
    const rows = unit.inputs.map((input, place) => [source(input), `${told(unit.values[place])} × ${told(unit.weights[place])}`, told(unit.terms[place])]);
    if (rows.length || unit.others) rows.push([say("others"), "", told(unit.others)]);
    rows.push([say("bias"), "", told(unit.bias)], [say("sum"), "", told(unit.sum)]);
    rows.push([say("after", { activation: column.activation }), "", isOutput ? percent(unit.output) : told(unit.output)]);
    this.sums.replaceChildren(
      ...rows.map(([first, ...rest], place) => {
        const head = make("th", "", first);
        head.scope = "row";
        return make("tr", place === rows.length - 2 ? "sum" : "", head, ...rest.map((text) => make("td", "", text)));
      }),
    );
  }

  image(header, unit, place, row, isOutput) {
    const canvas = pictureCanvas("");
    paintInk(canvas, halves(header.bytes, unit.images, place), 15);
    const value = isOutput ? percent(unit.excitement[place]) : told(unit.excitement[place]);
    canvas.setAttribute("role", "img");
    canvas.setAttribute("aria-label", say("test_image", { row, name: header.classes[unit.labels[place]], value }));
    return make("figure", "", canvas, make("figcaption", "", value));
  }
}
