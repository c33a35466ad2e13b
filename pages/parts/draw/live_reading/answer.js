// What the network says: a verdict in words and ten bars, both brought up to date at every picture.

import { say } from "./words.js";

const SURE = 0.8;
const CLOSE = 0.4; // of the first's probability
const AT_REST = 600; // ms without another verdict, before it is said aloud

/** Write a probability in whole percent; a network is never entirely sure. */
function share(probability, over = (most) => say("over", { share: most })) {
  return probability >= 0.995 ? over("99 %") : `${Math.round(100 * probability)} %`;
}

/** Return the answer in words, sure, probable or between two; or that there is none, and why. */
export function verdictOf({ probabilities, first, second, reason }, named, isDigits) {
  const [most, next] = [probabilities[first], probabilities[second]];
  if (!Number.isFinite(most)) return { words: say("no_numbers") };
  const told = { first: named[first], second: named[second], share: share(most), other: share(next) };
  if (reason === "unsure") return { words: say("refused"), why: say("unsure", told) };
  if (reason) return { words: say("refused"), why: say(isDigits ? "unfamiliar_digit" : "unfamiliar") };
  if (most >= SURE) return { words: say("sure", told) };
  return { words: say(next >= CLOSE * most ? "between" : "probable", told) };
}

export class Verdict {
  constructor() {
    this.words = document.createElement("p");
    this.words.className = "words";
    this.words.setAttribute("aria-hidden", "true"); // it changes many times a second; `said` is for ears
    this.words.dataset.testid = "live-verdict";
    this.why = document.createElement("p");
    this.why.className = "why";
    this.why.setAttribute("aria-hidden", "true");
    this.said = document.createElement("p");
    this.said.className = "said";
    this.said.setAttribute("role", "status");
    this.node = document.createElement("div");
    this.node.className = "verdict";
    this.node.append(this.words, this.why, this.said);
  }

  /** Show words, and why; `isAnswer` tells an answer from what is said while there is none. */
  show({ words, why = "" }, isAnswer) {
    if (words === this.words.textContent && why === this.why.textContent) return;
    this.words.textContent = words;
    this.why.textContent = why;
    this.words.classList.toggle("note", !isAnswer);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.said.textContent = `${words} ${why}`.trim();
    }, AT_REST);
  }
}

export class Bars {
  constructor() {
    this.node = document.createElement("ul");
    this.node.className = "bars";
    this.node.dataset.testid = "live-bars";
    this.names = null;
  }

  /** Have a bar for each of these classes. */
  name(names) {
    if (names.join("\n") === this.names?.join("\n")) return;
    this.names = names;
    this.node.classList.toggle("short", names.every((name) => name.length < 3));
    this.rows = names.map((name) => {
      const row = document.createElement("li");
      const [label, track, told] = ["name", "track", "share"].map((className) => {
        const part = document.createElement("span");
        part.className = className;
        return part;
      });
      label.textContent = name;
      track.append(document.createElement("i"));
      track.setAttribute("aria-hidden", "true");
      row.append(label, track, told);
      return { row, told };
    });
    this.node.replaceChildren(...this.rows.map(({ row }) => row));
  }

  /** Show ten probabilities, or none; those of an answer that is not given are pale. */
  show(probabilities, isRefused) {
    this.node.classList.toggle("refused", Boolean(isRefused));
    const most = probabilities ? Math.max(...probabilities) : null;
    this.rows.forEach(({ row, told }, place) => {
      const value = probabilities?.[place] ?? 0;
      row.style.setProperty("--share", value.toFixed(4));
      row.classList.toggle("most", value === most);
      // Nine times next to nothing is no news.
      const text = value < 0.005 ? "" : share(value, (most) => `> ${most}`);
      if (told.textContent !== text) told.textContent = text;
    });
  }
}
