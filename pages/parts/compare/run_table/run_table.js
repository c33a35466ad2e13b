// The table of runs on a page of Streamlit: `show` is called for every update and keeps what stands. All runs
// come in one update, what has changed since in others, which are small.

import { Table } from "./table.js";
import { learn } from "./words.js";

const places = new Map(); // where the page has the table, element -> component
let table = null;
let made = ""; // with which words
let all = { name: "", at: 0 }; // the block that has all runs
let news = null; // the latest

export async function show(component, needed, rest, files) {
  const words = new URL(needed.words, files).href;
  await learn(new URL(words));
  const { parentElement } = component;
  const block = () => JSON.parse(new TextDecoder().decode(rest));
  if (needed.part === "all") {
    const tell = (name, value) => {
      const { setStateValue, setTriggerValue } = table.component;
      (name === "asked" ? setTriggerValue : setStateValue)(name, JSON.stringify(value));
    };
    if (!table || made !== words) {
      const { filter, order, opened } = table ?? {};
      table = new Table(parentElement, tell);
      // In another language, what was looked for is looked for still.
      if (filter) Object.assign(table, { order, opened, filter: { ...filter, text: "" } });
      [made, all] = [words, { name: "", at: 0 }];
    }
    places.delete(parentElement);
    places.set(parentElement, component); // the latest at the end
    findPlace();
    if (all.name !== needed.name && all.at <= needed.at) {
      table.runs.take(block(), { isAll: true });
      all = needed;
      bring();
    }
    // What stood there before may be called once more, and taken away, after what comes in its place.
    return () => setTimeout(findPlace);
  }
  if (news && news.needed.at > needed.at) return; // as above
  news = { needed, block: block() };
  bring();
}

/** Have the table stand in the latest of the page's places for it that is still there. */
function findPlace() {
  for (const place of places.keys()) if (!place.isConnected) places.delete(place);
  const [place, component] = [...places].at(-1) ?? [];
  if (!place) return;
  table.component = component;
  if (table.node.parentNode !== place) table.mount(place);
}

/** Show what is new, unless all runs are newer: then there is more to come. */
function bring() {
  if (!table || !all.name || !news || news.needed.at < all.at) return;
  table.most = news.needed.most;
  table.runs.take(news.block);
  table.settle(news.needed);
  table.refresh();
}
