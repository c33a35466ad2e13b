// The runs of the table: out of what the server sends, filtered, sorted, grouped. Nothing here draws.

export const STATUSES = ["queued", "running", "paused", "finished", "stopped", "failed"];
const collator = new Intl.Collator(undefined, { numeric: true, sensitivity: "base" });
export const NO_VALUE = "–"; // as core/numbers.py has it
let version = 0;

/** Return the runs of a block, as blocks.py packs them. */
export function unpack(block) {
  const columns = block.settings.map(([words, places]) => (index) => words[places.length ? places[index] : 0]);
  return block.number.map((number, index) => {
    return {
      number,
      version: (version += 1),
      id: block.id.slice(12 * index, 12 * index + 12),
      status: STATUSES[block.status[index]],
      owner: block.owner[index], // 0 mine, 1 shared, 2 another browser's
      created: block.created[index],
      done: block.done[index],
      epochs: block.epochs[index],
      parameters: block.parameters[index],
      seconds: block.seconds[index],
      test: block.test[index],
      loss: block.loss[index],
      best: block.best[index],
      bestEpoch: block.best_epoch[index],
      experiment: block.experiment[index] ?? null,
      isStarred: index in block.starred,
      isImported: index in block.imported,
      name: block.name[index] ?? "",
      note: block.note[index] ?? "",
      tags: block.tags[index] ?? [],
      settings: columns.map((word) => word(index)),
    };
  });
}

/** The runs that there are, in the order of their age. */
export class Runs {
  constructor() {
    this.byId = new Map();
  }

  /** Take over a block, in the place of all or for what is new in it. */
  take(block, { isAll = false } = {}) {
    if (isAll) this.byId.clear();
    for (const run of unpack(block)) this.byId.set(run.id, run);
    for (const id of block.gone ?? []) this.byId.delete(id);
    this.all = [...this.byId.values()].sort((a, b) => b.created - a.created || b.number - a.number);
  }

  /** Change a run at once, until the server says how it stands. */
  change(id, values) {
    const run = this.byId.get(id);
    if (run) Object.assign(run, values, { version: (version += 1) });
  }
}

const HOLDS = {
  text: (run, text, about) => text.toLowerCase().split(/\s+/).every((word) => about(run).includes(word)),
  status: (run, status) => run.status === status || (status === "alive" && (run.status === "queued" || run.status === "running")),
  dataset: (run, dataset) => run.settings[0] === dataset,
  tag: (run, tag) => run.tags.includes(tag),
  experiment: (run, experiment) => (experiment === "none" ? run.experiment === null : run.experiment === experiment),
  starred: (run) => run.isStarred,
};

/** Return the runs that fulfil every wish of `filter` that is not empty. */
export function filtered(runs, filter, about) {
  const wishes = Object.entries(filter).filter(([, wish]) => wish);
  return wishes.length ? runs.filter((run) => wishes.every(([name, wish]) => HOLDS[name](run, wish, about))) : runs;
}

/**
 * Return in which settings runs differ: indices into `run.settings`. As core/config/differences.py has it, what
 * makes no difference for some, and has its `usual` value for the others, is none.
 */
export function differing(runs, usual) {
  return usual.map((_, index) => index).filter((index) => {
    const words = new Set(runs.map((run) => run.settings[index]));
    const idle = words.delete(NO_VALUE);
    return words.size > 1 || (idle && words.size === 1 && !words.has(usual[index]));
  });
}

const VALUES = {
  star: (run) => (run.isStarred ? 1 : 0),
  number: (run) => run.created,
  name: (run) => run.name || null,
  status: (run) => STATUSES.indexOf(run.status),
  tags: (run) => run.tags.join(", ") || null,
  note: (run) => run.note || null,
};

/** Return a value to sort runs by, or null where a run has none. */
export function valueOf(run, column) {
  if (typeof column === "number") {
    const word = run.settings[column];
    return word === NO_VALUE ? null : word;
  }
  return VALUES[column] ? VALUES[column](run) : run[column];
}

function compare(a, b) {
  const [x, y] = [Number(a), Number(b)];
  return Number.isNaN(x) || Number.isNaN(y) ? collator.compare(a, b) : x - y;
}

/** Return the runs sorted by a column; runs without a value there are at the end, either way. */
export function sorted(runs, { column, isDescending }) {
  const values = new Map(runs.map((run) => [run, valueOf(run, column)]));
  return runs.toSorted((a, b) => {
    const [x, y] = [values.get(a), values.get(b)];
    if (x === null || y === null) return (x === null) - (y === null);
    return isDescending ? compare(y, x) : compare(x, y);
  });
}

/** Return what the table lists: runs, and in the place of an experiment's runs one line for all, unless opened. */
export function grouped(runs, opened) {
  const members = new Map();
  for (const run of runs) {
    if (run.experiment === null) continue;
    if (!members.has(run.experiment)) members.set(run.experiment, []);
    members.get(run.experiment).push(run);
  }
  const lines = [];
  for (const run of runs) {
    const group = members.get(run.experiment);
    if (!group || group.length < 2) lines.push(run);
    else if (group[0] === run) {
      lines.push({ group: run.experiment, runs: group, isOpen: opened.has(run.experiment) });
      if (opened.has(run.experiment)) lines.push(...group);
    }
  }
  return lines;
}
