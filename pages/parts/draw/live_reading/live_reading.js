// The live reading on a page of Streamlit: `show` is called for every update and keeps what stands.

import { Drawing } from "./drawing.js";
import { inflated, unpackNetwork } from "./reader.js";
import { unpackRefusal } from "./refusal.js";
import { View } from "./view.js";
import { learn } from "./words.js";

// ms without a stroke, until the server is told: who draws digit after digit costs it nothing meanwhile. Whoever
// turns to anything but the canvas has it told at once.
const AT_REST = 2500;
const LEAVING = ["pointerdown", "keydown", "visibilitychange"];
const KEPT_FILES = 6;
const KEPT_AS = "digit_lab_drawing_";

const views = new WeakMap(); // parent element -> view
const drawings = new Map(); // workspace -> drawing, with all that undo knows, for the next visit to this page
const unpacked = new Map(); // name -> promise of a network or a judge, the one asked for last at the end

export async function show(component, needed, weights, files) {
  const { parentElement } = component;
  await learn(new URL(needed.words, files));
  let view = views.get(parentElement);
  // In another language, or for another workspace, all is made anew.
  if (view?.made !== needed.words + needed.workspace) {
    view = mount(parentElement, needed.workspace);
    view.made = needed.words + needed.workspace;
    views.set(parentElement, view);
    // After a reload the server knows of no drawing; what it knows may also be older than this.
    view.component = component;
    if (needed.is_drawn || !view.drawing.isBlank) tell(view);
  }
  view.component = component;
  const [cleared, clears] = needed.cleared;
  if (clears > (view.clears ?? clears)) {
    view.drop(cleared);
    // At once: what comes together with a press elsewhere on the page would be run in its place.
    if (!view.paper.isDrawing) tell(view);
  }
  view.clears = clears;
  // What else is asked of it, the least confidence say, may change without the network.
  const asked = JSON.stringify({ ...needed, is_drawn: null, cleared: null });
  if (view.asked === asked && view.isReady) view.paper.repaint(); // the theme may be another one
  else begin(component, view, asked, needed, weights, files);
  return () => setTimeout(() => view.node.isConnected || views.delete(parentElement));
}

/** Have the network and the judge fetched and used. */
async function begin(component, view, asked, needed, weights, files) {
  const { network: name, judge: judgeName, lengths, names, named, prompt, temperature } = needed;
  const { is_digits: isDigits, least_confidence: least, several } = needed;
  const how = { names, named, prompt, temperature, isDigits, least, several };
  if (view.networkName !== name) view.use(null, how);
  Object.assign(view, { asked, networkName: name, isReady: false });
  const sent = [weights.slice(0, lengths[0]), weights.slice(lengths[0])];
  let missing = name;
  try {
    const network = await unpackedOf(name, sent[0], files, unpackNetwork);
    missing = judgeName;
    const refusal = judgeName ? await unpackedOf(judgeName, sent[1], files, unpackRefusal) : null;
    if (view.asked !== asked) return;
    view.isReady = true;
    view.use(network, { ...how, refusal });
  } catch (error) {
    console.warn(error);
    if (view.asked === asked) view.asked = null;
    // The server then sends it along; if it has, this browser cannot.
    const wasSent = sent[missing === name ? 0 : 1].length > 0;
    component.setStateValue(wasSent ? "failed" : "missing", missing);
  }
}

function mount(parent, workspace) {
  if (!drawings.has(workspace)) drawings.set(workspace, Drawing.of(stored(workspace)));
  const view = new View(parent, drawings.get(workspace), {
    onRest: (drawing) => {
      store(workspace, drawing.text);
      clearTimeout(view.timer);
      view.timer = setTimeout(() => view.paper.isDrawing || tell(view), AT_REST);
    },
    onTurnAway: () => view.timer && !view.paper.isDrawing && tell(view),
  });
  const elsewhere = (event) => {
    if (!view.node.isConnected) for (const name of LEAVING) document.removeEventListener(name, elsewhere, true);
    // A digit's key labels what is drawn, see pages/parts/draw/my_handwriting.
    else if (!event.composedPath().includes(view.node) || /^\d$/.test(event.key)) view.onTurnAway();
  };
  for (const name of LEAVING) document.addEventListener(name, elsewhere, true);
  return view;
}

function tell(view) {
  clearTimeout(view.timer);
  view.timer = null;
  if (!view.node.isConnected) return;
  view.component.setStateValue("strokes", view.drawing.isBlank ? "" : view.drawing.text);
}

function stored(workspace) {
  try {
    return localStorage.getItem(KEPT_AS + workspace);
  } catch {
    return null; // a browser that keeps nothing
  }
}

function store(workspace, text) {
  try {
    for (const key of Object.keys(localStorage)) {
      // That of a workspace which was left is nobody's.
      if (key.startsWith(KEPT_AS) && key !== KEPT_AS + workspace) localStorage.removeItem(key);
    }
    localStorage.setItem(KEPT_AS + workspace, text);
  } catch {
    // It is there until the page is loaded again.
  }
}

/** Return a promise of what `unpack` makes of a file: it comes with the update, or from the server, once. */
function unpackedOf(name, sent, files, unpack) {
  let known = unpacked.get(name);
  unpacked.delete(name);
  if (!known) {
    const bytes = sent.length ? Promise.resolve(sent) : fetched(new URL(name, files));
    known = bytes.then((deflated) => inflated(deflated)).then(unpack);
    known.catch(() => unpacked.delete(name));
  }
  unpacked.set(name, known);
  while (unpacked.size > KEPT_FILES) unpacked.delete(unpacked.keys().next().value);
  return known;
}

async function fetched(address) {
  const answer = await fetch(address);
  if (!answer.ok) throw new Error(`${address}: ${answer.status}`);
  return answer.arrayBuffer();
}
