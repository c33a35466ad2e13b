// The words of the diagram: Python writes them into a file for each language, see words.py.

const files = new Map(); // address -> promise of its words
let words = {};

/** Speak the language of the file at `url` from now on; it is fetched once. */
export async function learn(url) {
  if (!files.has(url.href)) {
    const fetched = fetch(url).then((answer) => answer.json());
    fetched.catch(() => files.delete(url.href)); // the next update tries again
    files.set(url.href, fetched);
  }
  words = await files.get(url.href);
}

/** Return the text of a name, with the `{names}` in it filled in. */
export function say(name, values = {}) {
  return words[name].replace(/\{(\w+)\}/g, (whole, value) => values[value] ?? whole);
}

/** Return a whole number with its digits in groups of three. */
export function grouped(number) {
  return number.toLocaleString("en").replaceAll(",", words.group);
}
