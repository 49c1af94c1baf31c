// The band that total, coverage and the floors of pillars reach, all as they are stated (rounded), what critical rules
// leave of it, and what decided.

export function grade(profile, scored, { fired, open }) {
  if (scored.total === null) return { earnedBand: null, band: null, bandReason: "not_rated", shortfalls: [] };
  const { byTotal, covered } = findReached(profile, scored);
  const shortfalls = covered.flatMap((band) => findShortfalls(band, scored));
  const short = new Set(shortfalls.map(({ band }) => band));
  const earned = covered.filter(({ key }) => !short.has(key)).at(-1);
  const found = { earnedBand: earned.key, shortfalls };
  if (open.length > 0) return { ...found, band: null, bandReason: "critical_open" };
  const caps = new Set(fired.map(({ capBand }) => capBand));
  // Bands stand lowest first.
  const band = profile.bands.find(({ key }) => key === earned.key || caps.has(key)).key;
  if (band !== earned.key) return { ...found, band, bandReason: "critical_rule" };
  if (earned !== covered.at(-1)) return { ...found, band, bandReason: "floor" };
  return { ...found, band, bandReason: earned === byTotal.at(-1) ? "total" : "coverage" };
}

function findReached(profile, { total, coverage }) {
  const known = coverage.times(100).round();
  const byTotal = profile.bands.filter(({ min }) => total.round().compare(min) >= 0);
  return { byTotal, covered: byTotal.filter((band) => known.compare(band.requires_coverage ?? 0) >= 0) };
}

// Pillars below their floor. One of which this tier asks nothing is passed over; any other without a score reaches
// none.
function findShortfalls({ key: band, floors = {} }, { pillars }) {
  const stated = new Map(pillars.filter(({ state }) => state !== "no_questions").map(({ key, score }) => [key, score]));
  return Object.entries(floors)
    .filter(([pillar]) => stated.has(pillar))
    .map(([pillar, floor]) => ({ band, pillar, floor, score: stated.get(pillar) }))
    .filter(({ floor, score }) => score === null || score.round().compare(floor) < 0);
}
