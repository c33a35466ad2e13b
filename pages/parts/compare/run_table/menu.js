// What can be done with one run: a menu at its line.

import { numbered } from "./cells.js";
import { button, make } from "./make.js";
import { say } from "./words.js";

const WITH_RESULTS = new Set(["finished", "stopped"]);
const PAGES = ["evaluate", "draw"];

export class Menu {
  constructor(table) {
    this.table = table;
    this.node = make("div", "popup");
    this.node.popover = "auto";
    this.node.setAttribute("role", "menu");
    this.node.addEventListener("keydown", (event) => this.key(event));
  }

  open(run, opener) {
    const mine = run.owner === 0;
    const canBeRead = WITH_RESULTS.has(run.status) && run.test !== null;
    const items = [
      ["watch", () => this.go(run, "watch")],
      ["settings", () => this.go(run, "settings")],
      ...(canBeRead ? PAGES.map((page) => [page, () => this.go(run, page)]) : []),
      ["inside", () => this.go(run, "inside")],
      ...(mine && run.status !== "running" ? [["delete", () => this.table.ask({ what: "delete", ids: [run.id] })]] : []),
    ];
    this.node.setAttribute("aria-label", say("more", { run: numbered(run) }));
    this.node.replaceChildren(...items.map(([name, act]) => this.item(say(`menu_${name}`), act)));
    this.node.showPopover();
    const at = opener.getBoundingClientRect();
    const [width, height] = [this.node.offsetWidth, this.node.offsetHeight];
    const below = at.bottom + height < innerHeight - 70 ? at.bottom : Math.max(0, at.top - height);
    Object.assign(this.node.style, { top: `${below}px`, left: `${Math.max(8, at.right - width)}px` });
    this.node.firstChild.focus();
  }

  item(text, act) {
    const item = button("", text, () => {
      this.node.hidePopover();
      act();
    });
    item.setAttribute("role", "menuitem");
    return item;
  }

  go(run, where) {
    this.table.ask({ what: "open", ids: [run.id], text: where });
  }

  key(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const items = [...this.node.children];
    const at = items.indexOf(this.node.getRootNode().activeElement);
    items[(at + step + items.length) % items.length].focus();
  }
}
