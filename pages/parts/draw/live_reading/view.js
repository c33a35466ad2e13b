// Paper, tools, answer and steps together. Knows nothing of the server: who shows it brings a network and a drawing.

import { Bars, Verdict, verdictOf } from "./answer.js";
import { Paper } from "./paper.js";
import { inkToPicture, readPicture } from "./reader.js";
import { judge } from "./refusal.js";
import { Strip } from "./strip.js";
import { STYLE } from "./style.js";
import { Tools } from "./tools.js";
import { say } from "./words.js";

// Parts of the canvas' side. The usual pen leaves strokes about as wide as those of MNIST.
const USUAL_WIDTH = 0.075;
const [NARROWEST, WIDEST] = [0.02, 0.16];
const ERASER_WIDTH = 0.12;

function make(tag, className, ...children) {
  const node = document.createElement(tag);
  node.className = className;
  node.append(...children);
  return node;
}

export class View {
  /**
   * `onRest(drawing)` is called when a stroke has ended or the drawing has changed otherwise, `onTurnAway()`
   * when somebody does something else than to draw.
   */
  constructor(parent, drawing, { onRest, onTurnAway }) {
    this.drawing = drawing;
    this.onRest = onRest;
    this.onTurnAway = onTurnAway;
    this.network = null;
    this.pen = { width: usualWidthOf(drawing), eraserWidth: ERASER_WIDTH, eraser: false };
    this.node = make("div", "live");
    this.node.dataset.testid = "live-reading";
    this.paper = new Paper(this.pen, { canvas: say("canvas"), prompt: say("draw_here") }, (isResting) => this.drawn(isResting));
    this.tools = new Tools(this.actions(), this.node, onTurnAway);
    this.verdict = new Verdict();
    this.bars = new Bars();
    this.strip = new Strip(() => this.ask());
    const heading = make("h2", "", say("steps"), make("small", "", say("last_is_seen")));
    const settings = make("div", "settings", this.widthSlider(), this.strip.switch("stretch"));
    const answer = make("div", "answer", this.bars.node, heading, this.strip.node, settings);
    this.node.append(make("div", "frame", this.verdict.node, this.tools.node, this.paper.node, answer));
    parent.replaceChildren(make("style", "", STYLE), this.node);
    this.paper.show(drawing);
    this.paper.node.addEventListener("pointerleave", (event) => event.pointerType === "mouse" && onTurnAway());
  }

  actions() {
    const hold = (eraser) => () => {
      this.pen.eraser = eraser;
      this.node.classList.toggle("erasing", eraser);
      this.showTools();
    };
    const change = (action) => () => {
      if (this.paper.isDrawing) return;
      action();
      this.changed();
    };
    return {
      pen: hold(false),
      eraser: () => hold(!this.pen.eraser)(),
      undo: change(() => this.drawing.undo()),
      redo: change(() => this.drawing.redo()),
      clear: change(() => this.drawing.clear()),
    };
  }

  widthSlider() {
    const slider = Object.assign(document.createElement("input"), { type: "range", min: NARROWEST, max: WIDEST, step: 0.005 });
    slider.value = this.pen.width;
    slider.addEventListener("input", () => {
      this.pen.width = Number(slider.value);
      this.drawing.widen(this.pen.width);
      this.paper.repaint();
      this.ask();
    });
    slider.addEventListener("change", () => this.onRest(this.drawing));
    const label = make("label", "width", say("width"), slider);
    label.title = say("help_width");
    return label;
  }

  /**
   * Read with this network from now on, none while it is on its way. `names` are those of its classes, `named`
   * as they stand in a sentence; `refusal` is the judge of pictures, see refusal.js, `temperature` and
   * `least` what else it takes. `several` is what to say, `verdict` and `why`, of the strokes of a `text`.
   */
  use(network, { names, named, prompt, isDigits, refusal = null, temperature = 1, least = 0, several = null }) {
    this.network = network;
    this.asked = { named, prompt, isDigits, refusal, temperature, least, several };
    this.bars.name(names);
    this.paper.repaint(); // the theme may be another one
    this.ask();
  }

  /** Take the strokes of a text away, see drawing.js. */
  drop(text) {
    this.drawing.drop(text);
    this.changed();
  }

  drawn(isResting) {
    if (isResting) this.rested();
    this.ask();
  }

  changed() {
    this.paper.repaint();
    this.rested();
    this.ask();
  }

  rested() {
    this.showTools();
    this.onRest(this.drawing);
  }

  showTools() {
    this.tools.show({ eraser: this.pen.eraser, drawing: this.drawing });
  }

  /** Have the picture read before the browser shows its next frame: once, however many points have come. */
  ask() {
    this.frame ??= requestAnimationFrame(() => {
      this.frame = null;
      this.show();
    });
  }

  show() {
    this.showTools();
    const seen = this.drawing.isBlank ? null : inkToPicture(this.drawing.inkFor(this.strip.steps.scale), this.strip.steps);
    const judgement = seen && this.network && this.judged(seen.picture);
    this.strip.show(seen);
    this.bars.show(judgement?.probabilities, judgement?.reason);
    this.verdict.show(...this.words(seen, judgement));
    this.node.dataset.updates = Number(this.node.dataset.updates ?? 0) + 1;
  }

  judged(picture) {
    const { temperature, refusal, least } = this.asked;
    return judge(picture, readPicture(this.network, picture), temperature, refusal, least);
  }

  words(seen, judgement) {
    if (this.drawing.isFull) return [{ words: say("full") }, false];
    if (!seen) return [{ words: this.asked.prompt }, false];
    if (!judgement) return [{ words: say("loading") }, false];
    const { several } = this.asked;
    if (several && several.text === this.drawing.text) return [{ words: several.verdict, why: several.why }, true];
    return [verdictOf(judgement, this.asked.named, this.asked.isDigits), true];
  }
}

/** Return the width with which a drawing that is come back to was drawn last. */
function usualWidthOf(drawing) {
  return drawing.strokes.findLast((stroke) => !stroke.eraser)?.width ?? USUAL_WIDTH;
}
