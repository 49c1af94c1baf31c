// A pillar is the weighted mean of its measures, or their capped sum; above `max_na_share` it is not rated.

import { Fraction, smaller, ZERO } from "./fraction.js";
import { COUNTED } from "./lines.js";

// With the shares of its counting lines, by place.
export function scorePillar(profile, key, lines) {
  const weight = Fraction.of(profile.pillars[key]);
  const counted = lines.filter(({ status }) => COUNTED.has(status));
  const leftOut = lines.filter(({ status }) => status === "not_applicable");
  const spread = spreadWeight(profile, [...counted, ...leftOut]);
  const naShare = Fraction.sum(leftOut.map((line) => spread.get(line.place)));
  const unrated = (state) => ({ key, weight, state, score: null, naShare, added: null, shares: new Map() });
  if (naShare.times(100).compare(profile.max_na_share) > 0) return unrated("too_much_not_applicable");
  if (counted.length === 0) return unrated(lines.length > 0 ? "nothing_to_score" : "no_questions");
  return { key, weight, state: "rated", naShare, ...sumUp(profile, counted) };
}

function sumUp(profile, lines) {
  const isMean = !profile.capped_sum;
  const shares = isMean ? spreadWeight(profile, lines) : new Map(lines.map((line) => [line.place, line.weight]));
  const added = Fraction.sum(lines.map((line) => shares.get(line.place).times(line.points)));
  if (isMean) return { score: added, added: null, shares };
  const score = smaller(added, Fraction.of(profile.capped_sum.cap));
  // Points times share add up to the score also where it is capped.
  const isCapped = score.compare(added) < 0;
  const cut = isCapped ? [...shares].map(([where, share]) => [where, share.times(score).over(added)]) : shares;
  return { score, added, shares: new Map(cut) };
}

// Shares of 1 by place: by own weight, or first by section and by level where the profile weights those.
function spreadWeight(profile, lines) {
  const weighted = new Map(Object.entries(profile.sections ?? {}));
  const sections = [...groupBy(lines, ({ section }) => section)].map(([section, own]) => ({
    own,
    weight: Fraction.of(weighted.get(section) ?? weigh(own)),
  }));
  const whole = weigh(sections);
  return new Map(sections.flatMap(({ own, weight }) => spreadLevels(profile, own, weight.over(whole))));
}

// The share of a section, spread inside it; a level where nothing stands is left out.
function spreadLevels(profile, lines, share) {
  if (!profile.levels?.length) return spreadEvenly(lines, share);
  const inside = groupBy(lines, ({ level }) => level);
  const standing = profile.levels.filter(({ key }) => inside.has(key));
  const whole = Fraction.sum(standing.map(({ weight }) => weight));
  return standing.flatMap(({ key, weight }) => spreadEvenly(inside.get(key), share.times(weight).over(whole)));
}

function spreadEvenly(lines, share) {
  const each = share.over(weigh(lines));
  return lines.map(({ place, weight }) => [place, each.times(weight)]);
}

export const weigh = (lines) => lines.reduce((total, { weight }) => total.plus(weight), ZERO);

// Map.groupBy came to browsers in 2024 only.
function groupBy(lines, keyOf) {
  const groups = new Map();
  for (const line of lines) {
    const key = keyOf(line);
    if (groups.has(key)) groups.get(key).push(line);
    else groups.set(key, [line]);
  }
  return groups;
}
