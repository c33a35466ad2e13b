// What stands above the table: search, filters, and what is done with all runs that are chosen.

import { button, make } from "./make.js";
import { STATUSES } from "./rows.js";
import { grouped, say } from "./words.js";

export class Tools {
  constructor(table) {
    this.table = table;
    this.search = make("input", "search");
    Object.assign(this.search, { type: "search", placeholder: say("search"), maxLength: 100 });
    this.search.setAttribute("aria-label", say("search"));
    this.search.addEventListener("input", () => table.find({ text: this.search.value.trim() }));
    this.search.addEventListener("keydown", (event) => event.stopPropagation());
    this.selects = new Map(["status", "experiment", "dataset", "tag"].map((name) => [name, this.select(name)]));
    this.starred = button("toggle", `★ ${say("only_starred")}`, () => table.find({ starred: !table.filter.starred }));
    this.order = this.select("order", (value) => table.sortBy(...JSON.parse(value)));
    this.order.classList.add("order");
    this.count = make("span", "count");
    this.count.setAttribute("role", "status");
    this.file = button("", say("csv"), () => table.save());
    this.file.title = say("csv_help");
    this.told = make("b", "");
    this.tag = make("input", "tagging");
    Object.assign(this.tag, { placeholder: say("tag_all"), maxLength: 24 });
    this.tag.setAttribute("aria-label", say("tag_all"));
    this.tag.addEventListener("keydown", (event) => {
      event.stopPropagation();
      if (event.key !== "Enter" || !this.tag.value.trim()) return;
      table.ask({ what: "add_tag", ids: this.mine(), text: this.tag.value.trim() });
      this.tag.value = "";
    });
    this.many = [
      button("", `★ ${say("star_all")}`, () => table.ask({ what: "star", ids: this.mine(), is_on: true })),
      this.tag,
      button("", say("delete_all"), () => table.ask({ what: "delete", ids: this.mine() })),
    ];
    this.actions = make("div", "actions", this.told, ...this.many, button("", say("choose_none"), () => table.choose([...table.chosen], false)));
    this.node = make("div", "bar", this.search, ...this.selects.values(), this.order, this.starred, this.actions, this.count, this.file);
  }

  /** The chosen runs of this browser. */
  mine() {
    return [...this.table.chosen].filter((id) => this.table.runs.byId.get(id)?.owner === 0);
  }

  select(name, choose = (value) => this.table.find({ [name]: value })) {
    const select = make("select", "");
    select.setAttribute("aria-label", say(name === "status" ? "how" : name));
    select.addEventListener("change", () => choose(select.value));
    return select;
  }

  /** Offer what there is to choose from, and say how many runs are listed. */
  refresh() {
    const { table } = this;
    const runs = table.runs.all;
    const found = new Set(runs.map((run) => run.status));
    const alive = found.has("queued") || found.has("running") ? [["alive", say("alive")]] : [];
    const statuses = STATUSES.filter((status) => found.has(status)).map((status) => [status, say(status)]);
    this.offer("status", [...alive, ...statuses]);
    const datasets = [...new Set(runs.map((run) => run.settings[0]))].sort();
    this.offer("dataset", datasets.map((word) => [word, word]));
    const tags = [...new Set(runs.flatMap((run) => run.tags))].sort();
    this.offer("tag", tags.map((tag) => [tag, tag]), 1);
    const experiments = [...new Set(runs.map((run) => run.experiment).filter(Boolean))];
    this.offer("experiment", [["none", say("no_experiment")], ...experiments.map((id) => [id, table.experimentName(id)])]);
    this.starred.setAttribute("aria-pressed", String(Boolean(table.filter.starred)));
    this.starred.hidden = !table.filter.starred && !runs.some((run) => run.isStarred);
    this.offerOrders();
    const isPart = table.listed.length < runs.length;
    const shown = isPart ? "count_of" : runs.length === 1 ? "count_one" : "count";
    this.count.textContent = say(shown, { count: grouped(table.listed.length), all: grouped(runs.length) });
    const chosen = table.chosen.size;
    this.actions.classList.toggle("idle", chosen === 0);
    this.told.textContent = chosen > table.most ? say("chosen_many", { count: grouped(chosen), most: table.most }) : say("chosen", { count: chosen });
    for (const one of this.many) one.hidden = this.mine().length === 0;
  }

  offer(name, choices, least = 2) {
    const select = this.selects.get(name);
    const wanted = this.table.filter[name] ?? "";
    const key = JSON.stringify(choices);
    if (select.dataset.offered !== key) {
      select.dataset.offered = key;
      select.replaceChildren(new Option(say(`any_${name}`), ""), ...choices.map(([value, text]) => new Option(text, value)));
    }
    select.value = wanted;
    if (select.value !== wanted) { // it is not there any more
      this.table.filter[name] = "";
      select.value = "";
      this.table.drawSoon();
    }
    select.hidden = choices.length < least;
  }

  /** On a phone there are no headings to press. */
  offerOrders() {
    const { table } = this;
    const choices = table.columns.filter(({ isIcon }) => !isIcon).map(({ key, title }) => [key, ["number", "test", "best"].includes(key), title]);
    const key = JSON.stringify(choices);
    if (this.order.dataset.offered !== key) {
      this.order.dataset.offered = key;
      this.order.replaceChildren(...choices.map(([column, way, title]) => new Option(say("by", { column: title }), JSON.stringify([column, way]))));
    }
    this.order.selectedIndex = choices.findIndex(([column]) => column === table.order.column);
  }
}
