// The table itself: what is in sight is drawn, the rest is room above and below.

import { commaSeparated } from "./cells.js";
import { columnsFor, Lines } from "./lines.js";
import { make, button } from "./make.js";
import { Menu } from "./menu.js";
import { differing, filtered, grouped, Runs, sorted } from "./rows.js";
import { STYLE } from "./style.js";
import { Tools } from "./tools.js";
import { say } from "./words.js";

const NARROW = 640; // px: below it runs are cards
const LINE = matchMedia("(pointer: coarse)").matches ? 48 : 38; // px, as in style.js
const BEYOND = 8; // lines drawn above and below what is in sight
const CARDS = 20; // at first, and at each press for more
const LONGEST = { name: 40, note: 500, tags: 220 };

export class Table {
  /** `tell` is called with "chosen" or "asked" and what is to be said of it. */
  constructor(parent, tell) {
    this.tell = tell;
    this.runs = new Runs();
    this.experiments = new Map();
    this.titles = [];
    this.usual = [];
    this.styles = {};
    this.chosen = new Set();
    this.chosenAt = 0;
    this.pending = [];
    this.filter = {};
    this.order = { column: "number", isDescending: true };
    this.opened = new Set();
    this.drawn = new Map(); // key of a line -> its row and what it was drawn from
    this.cards = CARDS;
    this.lines = new Lines(this);
    this.menu = new Menu(this);
    this.tools = new Tools(this);
    this.head = make("thead", "");
    this.body = make("tbody", "");
    this.table = make("table", "", this.head, this.body);
    this.table.setAttribute("aria-label", say("table"));
    this.scroll = make("div", "scroll", this.table);
    this.scroll.tabIndex = 0;
    this.scroll.setAttribute("role", "region");
    this.scroll.setAttribute("aria-label", say("table"));
    this.further = button("further", "", () => this.showMore());
    this.nothing = make("p", "faint", say("nothing"));
    this.node = make("div", "runs", this.tools.node, this.scroll, this.nothing, this.further, this.menu.node);
    this.node.dataset.testid = "run-table";
    this.scroll.addEventListener("scroll", () => this.drawSoon());
    this.width = new ResizeObserver(() => this.refresh());
    this.mount(parent);
  }

  mount(parent) {
    parent.replaceChildren(make("style", "", STYLE), this.node);
    this.width.observe(this.node);
  }

  /** Take over what the server says is chosen, unless something was chosen here since. */
  settle({ chosen, chosen_at: at, handled, styles, titles, usual, experiments }) {
    this.pending = this.pending.filter((asked) => asked.number > handled);
    if (at >= this.chosenAt) this.chosen = new Set(chosen);
    Object.assign(this, { styles, titles, usual, experiments: new Map(experiments) });
  }

  experimentName(id) {
    return this.experiments.get(id) ?? say("experiment");
  }

  /** What search looks through, in small letters. */
  about = (run) => {
    if (run.aboutVersion !== run.version) {
      run.aboutText = [`#${run.number}`, run.name, run.note, ...run.tags, ...run.settings, run.status, run.experiment && this.experimentName(run.experiment)].join(" ").toLowerCase();
      run.aboutVersion = run.version;
    }
    return run.aboutText;
  };

  /** Work out anew what is listed, and draw it. */
  refresh() {
    this.isNarrow = this.node.clientWidth < NARROW;
    this.listed = sorted(filtered(this.runs.all, this.filter, this.about), this.order);
    const isFolded = !this.filter.experiment && !this.filter.text;
    this.shown = isFolded ? grouped(this.listed, this.opened) : this.listed;
    this.settings = differing(this.listed, this.usual);
    this.columns = columnsFor(this.settings, this.titles, this.listed);
    this.stamp = JSON.stringify([this.columns.map(({ key }) => key), this.isNarrow]);
    this.node.classList.toggle("narrow", this.isNarrow);
    this.tools.refresh();
    this.drawHead();
    this.draw();
  }

  drawHead() {
    const pressed = [...this.head.querySelectorAll("button, input")].indexOf(this.node.getRootNode().activeElement);
    this.head.replaceChildren();
    if (this.isNarrow) return;
    const all = this.lines.box(this.listed.length > 0 && this.listed.every((run) => this.chosen.has(run.id)), say("choose_all"));
    all.indeterminate = !all.checked && this.listed.some((run) => this.chosen.has(run.id));
    all.addEventListener("change", () => this.choose(this.listed.map((run) => run.id), all.checked));
    const row = make("tr", "", make("th", "choice", all));
    for (const { key, title, isNumber, isIcon } of this.columns) {
      const { column, isDescending } = this.order;
      const sort = button("sort", isIcon ? "★" : title, () => this.sortBy(key));
      if (isIcon) sort.setAttribute("aria-label", title);
      const cell = make("th", `${isNumber ? "figure" : ""} ${typeof key === "string" ? key : "setting"}`, sort);
      cell.scope = "col";
      if (column === key) {
        cell.setAttribute("aria-sort", isDescending ? "descending" : "ascending");
        sort.append(make("span", "way", isDescending ? "▼" : "▲"));
      }
      row.append(cell);
    }
    row.append(make("td", "menu"));
    this.head.append(row);
    if (pressed >= 0) this.head.querySelectorAll("button, input")[pressed]?.focus({ preventScroll: true });
  }

  sortBy(column, isDescending) {
    const isSame = this.order.column === column;
    const first = ["number", "test", "best", "star"].includes(column); // the best above
    this.order = { column, isDescending: isDescending ?? (isSame ? !this.order.isDescending : first) };
    this.scroll.scrollTop = 0;
    this.refresh();
  }

  drawSoon() {
    this.frame ??= requestAnimationFrame(() => {
      this.frame = null;
      this.draw();
    });
  }

  /** Draw the lines that are in sight. */
  draw() {
    const count = this.shown.length;
    let [first, last] = [0, Math.min(count, this.cards)];
    if (!this.isNarrow) {
      const height = this.scroll.clientHeight || 500;
      first = Math.max(0, Math.floor(this.scroll.scrollTop / LINE) - BEYOND);
      last = Math.min(count, first + Math.ceil(height / LINE) + 2 * BEYOND + 1);
      first = Math.max(0, Math.min(first, last - 1));
    }
    const rows = this.shown.slice(first, last).map((line, index) => this.row(line, first + index));
    const drawn = new Map(rows.map((row) => [row.dataset.run ?? row.dataset.group, row]));
    for (const key of this.drawn.keys()) if (!drawn.has(key)) this.drawn.delete(key);
    this.keepFocus(() => this.arrange([this.room(first), ...rows, this.room(this.isNarrow ? 0 : count - last)]));
    this.table.setAttribute("aria-rowcount", String(count + 1));
    this.table.dataset.count = String(this.listed.length);
    this.nothing.hidden = count > 0;
    this.scroll.hidden = count === 0;
    this.further.hidden = !this.isNarrow || last >= count;
    this.further.textContent = say("further", { count: Math.min(CARDS, count - last) });
  }

  row(line, index) {
    const key = line.group ?? line.id;
    const state = line.group ? [line.isOpen, line.runs.map((run) => [run.version, this.chosen.has(run.id)])] : [line.version, this.chosen.has(line.id), this.styles[line.id]];
    const stamp = JSON.stringify([state, this.stamp, this.experimentName(line.group ?? line.experiment)]);
    let known = this.drawn.get(key);
    if (known?.stamp !== stamp && !(known && this.editing === key)) {
      known = { stamp, row: line.group ? this.lines.group(line, this.columns, this.isNarrow) : this.lines.run(line, this.columns, this.isNarrow) };
      this.drawn.set(key, known);
    }
    known.row.setAttribute("aria-rowindex", String(index + 2));
    return known.row;
  }

  room(lines) {
    const room = make("tr", "room", make("td", ""));
    room.setAttribute("aria-hidden", "true");
    room.style.height = `${lines * LINE}px`;
    room.hidden = lines === 0;
    return room;
  }

  /** Have these rows and no others. What stays is not moved: a field that is written in would lose the focus. */
  arrange(rows) {
    const wanted = new Set(rows);
    for (const row of [...this.body.children]) if (!wanted.has(row)) row.remove();
    let place = this.body.firstChild;
    for (const row of rows) {
      if (row === place) place = place.nextSibling;
      else this.body.insertBefore(row, place);
    }
  }

  /** Change the rows; who had the focus in one has it in the one that takes its place. */
  keepFocus(change) {
    const focused = this.node.getRootNode().activeElement;
    const line = focused?.closest?.("tr[data-run], tr[data-group]");
    const places = "button, input";
    const place = line ? [...line.querySelectorAll(places)].indexOf(focused) : -1;
    this.isArranging = true;
    change();
    this.isArranging = false;
    if (!line || focused.isConnected) {
      if (line && this.node.getRootNode().activeElement !== focused) focused.focus({ preventScroll: true });
      return;
    }
    const { row } = this.drawn.get(line.dataset.run ?? line.dataset.group) ?? {};
    row?.querySelectorAll(places)[place]?.focus({ preventScroll: true });
  }

  showMore() {
    this.cards += CARDS;
    this.draw();
  }

  fold(group) {
    if (!this.opened.delete(group)) this.opened.add(group);
    this.refresh();
  }

  find(filter) {
    Object.assign(this.filter, filter);
    this.scroll.scrollTop = 0;
    this.cards = CARDS;
    this.refresh();
  }

  choose(ids, isChosen) {
    for (const id of ids) {
      if (isChosen) this.chosen.add(id);
      else this.chosen.delete(id);
    }
    this.chosenAt = Math.max(Date.now(), this.chosenAt + 1);
    this.refresh();
    this.tell("chosen", { at: this.chosenAt, ids: [...this.chosen] });
  }

  /**
   * Have the server do something; what was asked goes along until it says that it is done. In a trigger: a state
   * would be told again to a server that has started anew, and what is long done would be done again.
   */
  ask(what) {
    const last = this.pending.at(-1)?.number ?? 0;
    this.pending.push({ ...what, number: Math.max(Date.now(), last + 1) });
    if (what.what === "star") what.ids.forEach((id) => this.runs.change(id, { isStarred: what.is_on }));
    this.refresh();
    this.tell("asked", this.pending);
  }

  /** Put a field in the place of a text; Enter and leaving it keep, Escape does not. */
  edit(run, field, place) {
    const before = field === "tags" ? run.tags.join(", ") : run[field];
    const input = make("input", "field");
    Object.assign(input, { value: before, maxLength: LONGEST[field], placeholder: say(`hint_${field}`) });
    input.setAttribute("aria-label", say(`edit_${field}`, { run: `#${run.number}` }));
    this.editing = run.id;
    let isOver = false;
    const end = (isKept) => {
      if (isOver) return;
      isOver = true;
      this.editing = null;
      const text = input.value.trim();
      if (isKept && text !== before) {
        this.runs.change(run.id, { [field]: field === "tags" ? text.split(",").map((tag) => tag.trim()).filter(Boolean) : text });
        this.ask({ what: field, ids: [run.id], text });
      } else {
        this.runs.change(run.id, {});
        this.refresh();
      }
    };
    input.addEventListener("keydown", (event) => {
      event.stopPropagation(); // Streamlit has keys of its own
      if (event.key !== "Enter" && event.key !== "Escape") return;
      event.preventDefault(); // it would press the button that has the focus now
      end(event.key === "Enter");
    });
    input.addEventListener("blur", () => this.isArranging || end(true));
    place.replaceChildren(input);
    input.focus();
    input.select();
  }

  save() {
    const text = commaSeparated(this.listed, this.settings, this.titles, (id) => this.experimentName(id));
    const link = make("a", "");
    link.href = URL.createObjectURL(new Blob(["\ufeff", text], { type: "text/csv" }));
    link.download = "runs.csv";
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  }
}
