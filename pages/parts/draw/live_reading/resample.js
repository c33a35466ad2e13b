// Pillow's resampling of float pictures (its src/libImaging/Resample.c): weights in float64, first along
// the rows, then along the columns, each result stored as float32.

const FILTERS = {
  box: { support: 0.5, weigh: (x) => (x > -0.5 && x <= 0.5 ? 1 : 0) },
  // Keys' cubic convolution with a = -0.5.
  bicubic: { support: 2, weigh: cubic },
};

function cubic(signed) {
  const a = -0.5;
  const x = Math.abs(signed);
  if (x < 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
  if (x < 2) return (((x - 5) * x + 8) * x - 4) * a;
  return 0;
}

/** Return { data, width, height } in another size; `filter` is "box" or "bicubic". */
export function resized(picture, width, height, filter) {
  // Pillow 13 begins with the direction that takes more away, which shows in the last bit.
  const fewerRows = picture.height - height;
  const isRowsFirst = fewerRows > 0 && fewerRows > 2 * (picture.width - width);
  const across = (one) => along(one, width, weightsOf(one.width, width, FILTERS[filter]));
  const down = (one) => turned(along(turned(one), height, weightsOf(one.height, height, FILTERS[filter])));
  return isRowsFirst ? across(down(picture)) : down(across(picture));
}

/** Return a picture whose rows are `newWidth` long; `pixels` says what each is made of. */
function along({ data, width, height }, newWidth, pixels) {
  if (newWidth === width) return { data, width, height };
  const result = new Float32Array(newWidth * height);
  for (let row = 0, at = 0; row < height; row++) {
    for (let column = 0; column < newWidth; column++, at++) {
      const { first, weights } = pixels[column];
      const start = row * width + first;
      let sum = 0;
      for (let place = 0; place < weights.length; place++) sum += data[start + place] * weights[place];
      result[at] = sum;
    }
  }
  return { data: result, width: newWidth, height };
}

/** Return a picture with rows and columns exchanged. */
function turned({ data, width, height }) {
  const result = new Float32Array(data.length);
  for (let row = 0, at = 0; row < height; row++) {
    for (let column = 0; column < width; column++, at++) result[column * height + row] = data[at];
  }
  return { data: result, width: height, height: width };
}

/** For each new pixel the first old one that counts, and the weights from there on. */
function weightsOf(length, newLength, { support, weigh }) {
  const scale = length / newLength;
  const stretch = Math.max(scale, 1);
  const reach = support * stretch;
  return Array.from({ length: newLength }, (_, place) => {
    const centre = (place + 0.5) * scale;
    const first = Math.max(0, Math.trunc(centre - reach + 0.5));
    const end = Math.min(length, Math.trunc(centre + reach + 0.5));
    const weights = new Float64Array(end - first);
    let sum = 0;
    for (let at = 0; at < weights.length; at++) sum += weights[at] = weigh((at + first - centre + 0.5) * (1 / stretch));
    if (sum !== 0) for (let at = 0; at < weights.length; at++) weights[at] /= sum;
    return { first, weights };
  });
}
