// How a run's figures are written, and the file of them all.

import { NO_VALUE } from "./rows.js";
import { say } from "./words.js";

/** As core/numbers.py writes it, with spaces at which no line breaks. */
export function percent(share) {
  if (share === null) return NO_VALUE;
  if (share <= 0) return "0\u00a0%";
  if (share >= 1) return "100\u00a0%";
  const text = (100 * share).toFixed(2);
  if (Number(text) <= 0) return "<\u00a00.01\u00a0%";
  return Number(text) >= 100 ? ">\u00a099.99\u00a0%" : `${text}\u00a0%`;
}

/** As core/numbers.py writes it. */
export function duration(seconds) {
  if (seconds === null) return NO_VALUE;
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  const two = (number) => String(number).padStart(2, "0");
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${two(whole % 60)} s`;
  const minutes = Math.round(seconds / 60);
  return `${Math.floor(minutes / 60)} h ${two(minutes % 60)} min`;
}

export const epochs = (number) => String(Math.round(100 * number) / 100);

/** How a run stands. */
export function status(run) {
  if (run.isImported && run.status === "finished") return say("imported");
  if (run.status === "running") return say("training", { epoch: Math.min(run.epochs, Math.floor(run.done) + 1), epochs: run.epochs });
  if (run.status === "stopped" && run.done >= 1) return say("stopped_after", { epoch: Math.floor(run.done) });
  return say(run.status);
}

export function moment(run) {
  return new Intl.DateTimeFormat(say("language"), { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" }).format(1000 * run.created);
}

/** What a run is called beside its number. */
export function numbered(run) {
  if (run.owner === 0) return `#${run.number}`;
  return say(run.owner === 1 ? "shared" : "another", { number: run.number });
}

export function best(run) {
  return run.best === null ? NO_VALUE : say("best_at", { share: percent(run.best), epoch: epochs(run.bestEpoch) });
}

/** Return the table as a file of comma-separated values: figures as they are, not rounded for the eye. */
export function commaSeparated(runs, settings, titles, experimentName) {
  const columns = [
    ["id", (run) => run.id], ["number", (run) => run.number], ["name", (run) => run.name],
    ["status", (run) => run.status], ["created", (run) => new Date(1000 * run.created).toISOString()],
    ...settings.map((index) => [titles[index], (run) => run.settings[index]]),
    ["parameters", (run) => run.parameters], ["epochs trained", (run) => run.done],
    ["test accuracy", (run) => run.test], ["test loss", (run) => run.loss],
    ["best validation accuracy", (run) => run.best], ["best epoch", (run) => run.bestEpoch],
    ["training seconds", (run) => run.seconds], ["starred", (run) => Number(run.isStarred)],
    ["tags", (run) => run.tags.join("; ")], ["note", (run) => run.note],
    ["experiment", (run) => (run.experiment === null ? "" : experimentName(run.experiment))],
  ];
  const lines = [columns.map(([title]) => quoted(title)), ...runs.map((run) => columns.map(([, value]) => quoted(value(run))))];
  return lines.map((line) => line.join(",")).join("\r\n") + "\r\n";
}

function quoted(value) {
  if (value === null || value === undefined) return "";
  if (typeof value === "number") return String(value);
  // What begins so, a spreadsheet computes.
  const text = /^[=+\-@\t\r]/.test(value) && value !== NO_VALUE && Number.isNaN(Number(value)) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
