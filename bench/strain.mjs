// How busy others keep the core at the moment. On a virtual machine nothing says so but the time that arithmetic takes,
// which needs all of a core. Where others keep it busy all the time, the calmest moments are no calm.

/** @param {number} turns */
function sumsOf(turns) {
  // Eight sums at once: together they wait for the units that compute, not for each other.
  let [a, b, c, d, e, f, g, h] = [1, 1, 1, 1, 1, 1, 1, 1];
  for (let i = 0; i < turns; i++) {
    a = a * 0.99 + 0.1;
    b = b * 0.99 + 0.1;
    c = c * 0.99 + 0.1;
    d = d * 0.99 + 0.1;
    e = e * 0.99 + 0.1;
    f = f * 0.99 + 0.1;
    g = g * 0.99 + 0.1;
    h = h * 0.99 + 0.1;
  }
  return a + b + c + d + e + f + g + h;
}

let total = 0;

/** Milliseconds of a fixed amount of arithmetic: the median of nine times. The first calls are of code not optimised yet. */
export function strain() {
  const times = Array.from({ length: 9 }, () => {
    const began = performance.now();
    total += sumsOf(100_000);
    return performance.now() - began;
  });
  if (!Number.isFinite(total)) throw new Error("sums of a bounded sequence are finite");
  return /** @type {number} */ (times.sort((a, b) => a - b)[4]);
}

/**
 * Which samples were taken in calm, by the strain before and after each: close to the least of all.
 * @param {readonly number[]} strains
 */
export function calm(strains) {
  const least = Math.min(...strains);
  return strains.map((each) => each <= 1.1 * least);
}
