// The dense network in the browser: unpacks what core/prediction/packed.py has packed, and computes.
// Weights are float32, sums float64.

const MAGIC = 0x574e4c44; // "DLNW"
const VERSION = 1;
const ACTIVATIONS = ["softmax", "relu", "tanh", "sigmoid", "elu", "gelu", "linear"];

/** Return the network of an ArrayBuffer or Uint8Array; its form is described in core/prediction/packed.py. */
export function unpackNetwork(packed) {
  const bytes = packed instanceof Uint8Array ? packed : new Uint8Array(packed);
  const buffer = bytes.byteOffset % 4 ? bytes.slice().buffer : bytes.buffer;
  const base = bytes.byteOffset % 4 ? 0 : bytes.byteOffset;
  const view = new DataView(buffer, base, bytes.byteLength);
  if (view.getUint32(0, true) !== MAGIC || view.getUint8(4) !== VERSION) throw new Error("These are not the weights of a network.");
  const isSmall = view.getUint8(5) === 8;
  const count = view.getUint8(6);
  let at = 12 + 8 * count;
  const take = (kind, length) => {
    const taken = new kind(buffer, base + at, length);
    at += Math.ceil(taken.byteLength / 4) * 4;
    return taken;
  };
  let inputs = view.getUint32(8, true);
  const layers = [];
  for (let number = 0; number < count; number++) {
    const units = view.getUint32(12 + 8 * number, true);
    const layer = { inputs, units, activation: ACTIVATIONS[view.getUint8(16 + 8 * number)] };
    if (view.getUint8(17 + 8 * number)) Object.assign(layer, { scale: take(Float32Array, inputs), offset: take(Float32Array, inputs) });
    layer.bias = take(Float32Array, units);
    if (isSmall) {
      const steps = take(Float32Array, units);
      layer.kernel = new Float32Array(take(Int8Array, inputs * units));
      for (let place = 0; place < layer.kernel.length; place++) layer.kernel[place] *= steps[place % units];
    } else layer.kernel = take(Float32Array, inputs * units);
    layers.push(layer);
    inputs = units;
  }
  if (at !== bytes.byteLength) throw new Error("The weights of the network are damaged.");
  return { layers };
}

/** Return what each layer puts out for a picture, Uint8Array (28 × 28): the last has the probabilities. */
export function outputsOf(network, picture) {
  return outputsFrom(network, new Float32Array(picture).map((value) => value / 255));
}

/** Return what each layer puts out for any numbers, Float32Array. */
export function outputsFrom(network, values) {
  return network.layers.map((layer) => (values = activate(layer.activation, sumsOf(layer, values))));
}

/** Return the ten probabilities for a picture, Uint8Array (28 × 28). */
export function readPicture(network, picture) {
  return outputsOf(network, picture).at(-1);
}

function sumsOf({ units, kernel, bias, scale, offset }, values) {
  const sums = new Float64Array(bias);
  for (let input = 0; input < values.length; input++) {
    const value = scale ? values[input] * scale[input] + offset[input] : values[input];
    if (value === 0) continue; // most of a picture is paper
    for (let unit = 0, at = input * units; unit < units; unit++, at++) sums[unit] += value * kernel[at];
  }
  return sums;
}

function activate(activation, sums) {
  if (activation === "softmax") return softmax(sums);
  return new Float32Array(sums.map(FUNCTIONS[activation]));
}

const FUNCTIONS = {
  relu: (sum) => Math.max(sum, 0),
  tanh: (sum) => Math.tanh(sum),
  sigmoid: (sum) => 1 / (1 + Math.exp(-sum)),
  elu: (sum) => (sum > 0 ? sum : Math.expm1(sum)),
  gelu: (sum) => 0.5 * sum * (1 + erf(sum * Math.SQRT1_2)),
  linear: (sum) => sum,
};

function softmax(sums) {
  const highest = Math.max(...sums);
  const powers = sums.map((sum) => Math.exp(sum - highest));
  const total = powers.reduce((sum, power) => sum + power, 0);
  return new Float32Array(powers.map((power) => power / total));
}

/** The error function: Abramowitz & Stegun 7.1.6, whose terms are all of one sign, so that none cancels another. */
function erf(x) {
  if (Math.abs(x) > 6) return Math.sign(x);
  let term = x;
  let sum = x;
  for (let n = 1; Math.abs(term) > 1e-17 * Math.abs(sum); n++) {
    term *= (2 * x * x) / (2 * n + 1);
    sum += term;
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum;
}
