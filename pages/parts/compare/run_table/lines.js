// The lines of the table: one for each run in sight, as a row of cells or on a phone as a card, and for a group.

import * as cells from "./cells.js";
import { make } from "./make.js";
import { NO_VALUE } from "./rows.js";
import { say } from "./words.js";

/** The columns after the settings, in order: name, what a run has there, whether it is a number. */
const FIGURES = [
  ["parameters", (run) => run.parameters.toLocaleString("en").replaceAll(",", say("group")), true],
  ["test", (run) => cells.percent(run.test), true],
  ["best", cells.best, true],
  ["loss", (run) => (run.loss === null ? NO_VALUE : run.loss.toFixed(4)), true],
  ["seconds", (run) => cells.duration(run.seconds), true],
  ["status", cells.status, false],
];

/** Return the columns of these runs, which differ in these settings: key, title, whether numbers. */
export function columnsFor(settings, titles, runs) {
  const isShown = (key) => key !== "parameters" || runs.some((run) => run.parameters !== runs[0].parameters);
  return [
    { key: "number", title: say("number") },
    { key: "star", title: say("star"), isIcon: true },
    { key: "name", title: say("name") },
    ...settings.map((index) => ({ key: index, title: titles[index] })),
    ...FIGURES.filter(([key]) => isShown(key)).map(([key, , isNumber]) => ({ key, title: say(key === "status" ? "how" : key), isNumber })),
    { key: "tags", title: say("tags") },
    { key: "note", title: say("note") },
    ...(runs.some((run) => run.experiment !== null) ? [{ key: "experiment", title: say("experiment") }] : []),
    { key: "created", title: say("created") },
  ];
}

/** Return a piece of the line that a run has in charts. */
function swatch(colour, dash) {
  const picture = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  picture.setAttribute("viewBox", "0 0 28 4");
  picture.setAttribute("class", "swatch");
  picture.setAttribute("aria-hidden", "true");
  const line = document.createElementNS("http://www.w3.org/2000/svg", "path");
  for (const [name, value] of Object.entries({ d: "M0 2H28", stroke: colour, "stroke-width": "3", "stroke-dasharray": dash })) line.setAttribute(name, value);
  picture.append(line);
  return picture;
}

export class Lines {
  /** `table` is what they are part of: it knows what is chosen and does what is pressed. */
  constructor(table) {
    this.table = table;
  }

  /** Return the `tr` of a run. */
  run(run, columns, isNarrow) {
    const row = make("tr", isNarrow ? "card" : "");
    row.dataset.run = run.id;
    row.classList.toggle("chosen", this.table.chosen.has(run.id));
    if (isNarrow) row.append(this.card(run, columns));
    else row.append(this.choice(run), ...columns.map((column) => this.cell(run, column)), make("td", "menu", this.more(run)));
    return row;
  }

  /** Return the `tr` of an experiment whose runs are folded, or stand below it. */
  group({ group, runs, isOpen }, columns, isNarrow) {
    const accuracies = runs.map((run) => run.test).filter((share) => share !== null);
    const summary = make("button", "fold", `${isOpen ? "▾" : "▸"} ${this.table.experimentName(group)}`);
    summary.type = "button";
    summary.setAttribute("aria-expanded", String(isOpen));
    summary.addEventListener("click", () => this.table.fold(group));
    const told = accuracies.length ? say("group_best", { count: runs.length, share: cells.percent(Math.max(...accuracies)) }) : say("group_runs", { count: runs.length });
    const all = make("td", "all", make("div", "", summary, make("span", "faint", told)));
    const row = make("tr", "group");
    row.dataset.group = group;
    if (isNarrow) {
      row.append(all);
      return row;
    }
    all.colSpan = columns.length + 1;
    const box = this.box(runs.every((run) => this.table.chosen.has(run.id)), say("choose_group", { name: this.table.experimentName(group) }));
    box.indeterminate = !box.checked && runs.some((run) => this.table.chosen.has(run.id));
    box.addEventListener("change", () => this.table.choose(runs.map((run) => run.id), box.checked));
    row.append(make("td", "choice", box), all);
    return row;
  }

  cell(run, { key, isNumber }) {
    if (key === "star") return make("td", "icon", this.star(run));
    if (key === "number") return make("td", "number", cells.numbered(run));
    if (key === "name" || key === "note" || key === "tags") return this.editable(make("td", key), run, key);
    if (typeof key === "number") return make("td", "setting", run.settings[key]);
    if (key === "created") return make("td", "created", cells.moment(run));
    if (key === "experiment") return make("td", "", run.experiment === null ? "" : this.table.experimentName(run.experiment));
    const [, write] = FIGURES.find(([name]) => name === key);
    return make("td", `${isNumber ? "figure" : ""} ${key} ${key === "status" ? run.status : ""}`, write(run));
  }

  card(run, columns) {
    const settings = columns.filter(({ key }) => typeof key === "number").map(({ key, title }) => `${title} ${run.settings[key]}`);
    const head = make("div", "head", this.choice(run, "div"), make("b", "number", cells.numbered(run)), this.editable(make("span", "name"), run, "name"), this.star(run), this.more(run));
    const figures = [run.test === null ? "" : say("test_is", { share: cells.percent(run.test) }), run.best === null ? "" : say("best_is", { share: cells.best(run) }), cells.status(run)];
    const what = make("div", "faint", settings.join(" · ") || cells.moment(run));
    return make("td", "", head, make("div", "figures", figures.filter(Boolean).join(" · ")), what, make("div", "marks", this.editable(make("span", "tags"), run, "tags"), this.editable(make("span", "note"), run, "note")));
  }

  choice(run, element = "td") {
    const box = this.box(this.table.chosen.has(run.id), say("choose", { run: cells.numbered(run) }));
    box.addEventListener("change", () => this.table.choose([run.id], box.checked));
    const place = make(element, "choice", box);
    const style = this.table.styles[run.id];
    if (style && this.table.chosen.has(run.id)) place.append(swatch(...style));
    return place;
  }

  box(isChecked, label) {
    const box = make("input", "");
    box.type = "checkbox";
    box.checked = isChecked;
    box.setAttribute("aria-label", label);
    return box;
  }

  star(run) {
    if (run.owner !== 0) return make("span", "faint", run.isStarred ? "★" : "");
    const star = make("button", "star", run.isStarred ? "★" : "☆");
    star.type = "button";
    star.setAttribute("aria-pressed", String(run.isStarred));
    star.setAttribute("aria-label", say("star_run", { run: cells.numbered(run) }));
    star.title = say("star_help");
    star.addEventListener("click", () => this.table.ask({ what: "star", ids: [run.id], is_on: !run.isStarred }));
    return star;
  }

  more(run) {
    const more = make("button", "more", "⋯");
    more.type = "button";
    more.setAttribute("aria-haspopup", "menu");
    more.setAttribute("aria-label", say("more", { run: cells.numbered(run) }));
    more.addEventListener("click", () => this.table.menu.open(run, more));
    return more;
  }

  /** Show a text that becomes a field when it is pressed. */
  editable(place, run, field) {
    const text = field === "tags" ? run.tags.join(", ") : run[field];
    const shown = field === "tags" ? run.tags.map((tag) => make("span", "tag", tag)) : [text];
    if (run.owner !== 0) {
      place.append(...shown);
      return place;
    }
    const press = make("button", `edit ${text ? "" : "empty"}`, ...(text ? shown : [say(`add_${field}`)]));
    press.type = "button";
    press.title = text || say(`add_${field}`);
    press.setAttribute("aria-label", `${say(`edit_${field}`, { run: cells.numbered(run) })} ${text}`.trim());
    press.addEventListener("click", () => this.table.edit(run, field, place));
    place.append(press);
    return place;
  }
}
