/** How much of a probability map belongs to each finding at every threshold: what hangs together with it at that height. */

const BUCKETS = 256;
/** Steps below which no threshold can be set: 0.01. */
const LOWEST = 3;

/**
 * For each finding and each step how many voxels count as its own where that step is the threshold: those of its recorded mask
 * that reach the step, and those outside that reach it and hang together with it (26 neighbours) by voxels that do. A voxel that
 * two findings would reach is of the one that reaches it higher up, so that none counts twice.
 * @param {Uint8Array} steps Probabilities in 255 steps, i fastest.
 * @param {Uint16Array} lesions The finding's component at each voxel, 0 elsewhere.
 * @param {number[]} shape
 * @returns {Map<number, Float64Array>} By component, 256 counts of voxels at or above each step.
 */
export function voxelsOfFindings(steps, lesions, [ni, nj, nk]) {
  /** @type {Map<number, Float64Array>} */
  const found = new Map();
  const owner = new Uint16Array(steps.length);
  const waiting = Array.from({ length: BUCKETS }, () => /** @type {number[]} */ ([]));
  const take = (at, component, level) => {
    owner[at] = component;
    if (!found.has(component)) found.set(component, new Float64Array(BUCKETS));
    found.get(component)[level] += 1;
    if (level >= LOWEST) waiting[level].push(at);
  };
  for (let at = 0; at < lesions.length; at++) if (lesions[at]) take(at, lesions[at], steps[at]);
  for (let level = BUCKETS - 1; level >= LOWEST; level--) {
    const here = waiting[level];
    while (here.length) {
      const at = here.pop();
      const [i, j, k] = [at % ni, Math.floor(at / ni) % nj, Math.floor(at / (ni * nj))];
      for (let dk = k ? -1 : 0; dk <= (k < nk - 1 ? 1 : 0); dk++)
        for (let dj = j ? -1 : 0; dj <= (j < nj - 1 ? 1 : 0); dj++)
          for (let di = i ? -1 : 0; di <= (i < ni - 1 ? 1 : 0); di++) {
            const next = at + di + ni * (dj + nj * dk);
            if (!owner[next] && steps[next] >= LOWEST) take(next, owner[at], Math.min(level, steps[next]));
          }
    }
    waiting[level] = [];
  }
  for (const counts of found.values()) for (let step = BUCKETS - 2; step >= 0; step--) counts[step] += counts[step + 1];
  return found;
}
