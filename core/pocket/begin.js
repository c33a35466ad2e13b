// The pocket file begins here: takes program and weights out of the page, and starts the one with the other.
(async () => {
  const textOf = async (id) => new TextDecoder().decode(await unpacked(id));

  // What `held` of core/pocket/page.py has made of bytes.
  async function unpacked(id) {
    const { textContent: text, dataset } = document.getElementById(id);
    const bytes = new Uint8Array((text.length / 5) * 4);
    const view = new DataView(bytes.buffer);
    for (let at = 0; at < text.length; at += 5) {
      let word = 0;
      for (let place = at; place < at + 5; place++) {
        const letter = text.charCodeAt(place);
        word = word * 85 + (letter === 120 ? 60 : letter) - 35;
      }
      view.setUint32((at / 5) * 4, word);
    }
    const content = await inflated(bytes.subarray(0, Number(dataset.length)));
    const planes = Number(dataset.planes);
    const count = content.length / planes;
    const result = new Uint8Array(content.length);
    for (let plane = 0; plane < planes; plane++) {
      for (let number = 0; number < count; number++) result[number * planes + plane] = content[plane * count + number];
    }
    return result;
  }

  async function inflated(bytes) {
    let stream;
    try {
      stream = new DecompressionStream("deflate-raw");
    } catch {
      return inflate(bytes); // a browser from before 2023
    }
    return new Uint8Array(await new Response(new Blob([bytes]).stream().pipeThrough(stream)).arrayBuffer());
  }

  // RFC 1951, by one bit at a time: slow, but for half a megabyte fast enough.
  function inflate(source) {
    let [at, held, count, length] = [0, 0, 0, 0];
    let result = new Uint8Array(4 * source.length);
    const bits = (wanted) => {
      for (; count < wanted; count += 8) held |= source[at++] << count;
      const taken = held & ((1 << wanted) - 1);
      held >>>= wanted;
      count -= wanted;
      return taken;
    };
    const put = (byte) => {
      if (length === result.length) {
        const larger = new Uint8Array(2 * length);
        larger.set(result);
        result = larger;
      }
      result[length++] = byte;
    };
    // How many codes have each length, and the symbols in the order of their codes (section 3.2.2).
    const codesOf = (lengths) => {
      const counts = new Uint16Array(16);
      for (const each of lengths) counts[each]++;
      counts[0] = 0;
      const symbols = [...lengths.keys()].filter((symbol) => lengths[symbol]);
      return { counts, symbols: symbols.sort((one, other) => lengths[one] - lengths[other] || one - other) };
    };
    const next = ({ counts, symbols }) => {
      for (let [size, code, first, index] = [1, 0, 0, 0]; size < 16; size++) {
        code |= bits(1);
        if (code - counts[size] < first) return symbols[index + code - first];
        index += counts[size];
        first = (first + counts[size]) << 1;
        code <<= 1;
      }
      throw new Error("damaged");
    };
    const range = (size, lengthAt) => Array.from({ length: size }, (_, place) => lengthAt(place));
    const fixed = [range(288, (symbol) => (symbol < 144 ? 8 : symbol < 256 ? 9 : symbol < 280 ? 7 : 8)), range(30, () => 5)];
    const written = () => {
      const [literals, distances, sizes] = [bits(5) + 257, bits(5) + 1, bits(4) + 4];
      const order = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];
      const short = new Array(19).fill(0);
      for (let place = 0; place < sizes; place++) short[order[place]] = bits(3);
      const codes = codesOf(short);
      const lengths = [];
      while (lengths.length < literals + distances) {
        const symbol = next(codes);
        if (symbol < 16) lengths.push(symbol);
        else {
          const value = symbol === 16 ? lengths.at(-1) : 0;
          const times = symbol === 16 ? 3 + bits(2) : symbol === 17 ? 3 + bits(3) : 11 + bits(7);
          lengths.push(...new Array(times).fill(value));
        }
      }
      return [lengths.slice(0, literals), lengths.slice(literals)];
    };
    // The shortest length or distance of each symbol, and the bits that follow it (section 3.2.5).
    const steps = (start, extras) => {
      const bases = [];
      for (const extra of extras) {
        bases.push([start, extra]);
        start += 1 << extra;
      }
      return bases;
    };
    const sizeOf = steps(3, range(28, (symbol) => Math.max(0, (symbol >> 2) - 1)));
    sizeOf[28] = [258, 0];
    const distanceOf = steps(1, range(30, (symbol) => Math.max(0, (symbol >> 1) - 1)));
    let isLast;
    do {
      isLast = bits(1);
      const kind = bits(2);
      if (kind === 0) {
        [held, count] = [0, 0];
        const size = source[at] | (source[at + 1] << 8);
        at += 4;
        for (let place = 0; place < size; place++) put(source[at++]);
        continue;
      }
      const [literals, distances] = (kind === 1 ? fixed : written()).map(codesOf);
      for (let symbol; (symbol = next(literals)) !== 256; ) {
        if (symbol < 256) put(symbol);
        else {
          const [size, extra] = sizeOf[symbol - 257];
          const whole = size + bits(extra);
          const [distance, further] = distanceOf[next(distances)];
          const back = distance + bits(further);
          for (let place = 0; place < whole; place++) put(result[length - back]);
        }
      }
    } while (!isLast);
    return result.slice(0, length);
  }

  const script = document.createElement("script");
  script.textContent = await textOf("program");
  document.head.append(script);
  const parent = document.createElement("div");
  const [weights, judge, told] = [await unpacked("weights"), await unpacked("judge"), JSON.parse(await textOf("told"))];
  await globalThis.pocket.open(parent, { weights, judge, told });
  document.getElementById("pocket").replaceChildren(parent);
})();
