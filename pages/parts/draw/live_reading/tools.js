// The tools beside the paper, each with a key of its own that is told where one points at the tool.

import { say } from "./words.js";

const ICONS = {
  pen: "M4 20l1-4L16.5 4.5a1.4 1.4 0 0 1 2 0l1 1a1.4 1.4 0 0 1 0 2L8 19l-4 1z",
  eraser: "M7 20h13M4.5 15.5L13 7l5 5-7.5 7.5H8l-3.5-4zM9.5 10.5l5 5",
  undo: "M8 5L4 9l4 4M4 9h9a5.5 5.5 0 0 1 0 11H8",
  redo: "M16 5l4 4-4 4M20 9h-9a5.5 5.5 0 0 0 0 11h5",
  clear: "M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13M10.5 11v6M13.5 11v6",
};
// Names of keys as `KeyboardEvent.key` has them, lower case; the first is the one that is told.
const KEYS = { pen: ["P"], eraser: ["E"], undo: ["Ctrl+Z"], redo: ["Ctrl+Y", "Ctrl+Shift+Z"], clear: ["Delete", "C", "Backspace"] };

export class Tools {
  /** `actions` has a function for each name of `KEYS`; keys are heard in `root`, and others told to `onOther`. */
  constructor(actions, root, onOther) {
    this.buttons = Object.fromEntries(Object.keys(KEYS).map((name) => [name, this.make(name, actions[name])]));
    this.node = document.createElement("div");
    this.node.className = "tools";
    this.node.setAttribute("role", "group");
    this.node.setAttribute("aria-label", say("tools"));
    this.node.append(...Object.values(this.buttons));
    root.addEventListener("keydown", (event) => this.key(event, actions) || onOther());
  }

  make(name, action) {
    const button = document.createElement("button");
    const told = KEYS[name].slice(0, 2).join(", ").replaceAll("Ctrl", say("control")).replaceAll("Delete", say("delete_key")).replaceAll("Shift", say("shift"));
    button.type = "button";
    button.title = `${say(name)} (${told})`;
    button.setAttribute("aria-label", say(name));
    button.setAttribute("aria-keyshortcuts", KEYS[name].join(" ").replaceAll("Ctrl", "Control"));
    button.innerHTML = `<svg viewBox="0 0 24 24" aria-hidden="true"><path d="${ICONS[name]}"/></svg>`;
    button.addEventListener("click", action);
    return button;
  }

  /** Show which tool is in hand, and what can be taken back. */
  show({ eraser, drawing }) {
    this.buttons.pen.setAttribute("aria-pressed", !eraser);
    this.buttons.eraser.setAttribute("aria-pressed", eraser);
    this.able("undo", drawing.past.length > 0);
    this.able("redo", drawing.future.length > 0);
    this.able("clear", drawing.strokes.length > 0);
  }

  // Not `disabled`: a button that is in focus and can do nothing for a moment would lose the keys.
  able(name, isAble) {
    this.buttons[name].setAttribute("aria-disabled", !isAble);
  }

  key(event, actions) {
    const target = event.composedPath()[0];
    if (event.altKey || target.closest?.("input, textarea, select")) return false;
    const parts = [event.ctrlKey || event.metaKey ? "ctrl" : "", event.shiftKey ? "shift" : "", event.key.toLowerCase()];
    const pressed = parts.filter(Boolean).join("+");
    const name = Object.keys(KEYS).find((one) => KEYS[one].some((key) => key.toLowerCase() === pressed));
    if (!name) return false;
    // Streamlit has keys of its own, C among them.
    event.preventDefault();
    event.stopPropagation();
    actions[name]();
    return true;
  }
}
