// From one answer to its points, 0 to 100, and why: options, capped sums of options, bands of numbers, linear ramps.

import { listOf } from "./conditions.js";
import { Fraction, HUNDRED, larger, smaller, ZERO } from "./fraction.js";

export function awardPoints(score, value) {
  if (score.points) {
    const option = String(value);
    return { earned: Fraction.of(score.points[option]), why: { option } };
  }
  if (score.sum) {
    const options = listOf(value);
    const total = Fraction.sum(options.map((option) => score.sum[option]));
    return { earned: smaller(total, HUNDRED), why: { options } };
  }
  if (score.ramp) return { earned: climb(score.ramp, Fraction.of(value)), why: { ramp: value } };
  const reached = score.bands.filter((band) => Fraction.of(value).compare(band.from) >= 0).at(-1);
  if (!reached) return { earned: ZERO, why: { below: value } };
  return { earned: Fraction.of(reached.points), why: { from: Fraction.of(reached.from).toDecimal() } };
}

// From 0 points at `from` to 100 at `to`, also where less is better.
function climb({ from, to }, number) {
  const way = number.minus(from).over(Fraction.of(to).minus(from));
  return larger(ZERO, smaller(HUNDRED, way.times(HUNDRED)));
}

export const isLowerBetter = (profile) => profile.capped_sum?.better === "lower";

// What a measure counts that nobody knows: nothing, or the most where lower is better.
export const findUnknown = (definition, profile, question) =>
  isLowerBetter(profile) ? findMost(definition, question, profile.questions[question.key]) : ZERO;

const highest = (numbers) => numbers.map(Fraction.of).reduce(larger);
const lowest = (numbers) => numbers.map(Fraction.of).reduce(smaller);

// The most points that a question can earn, at any age of its answer.
export function findMost(definition, question, score) {
  return highest([findFreshMost(definition, question, score), ...(score.decay ? [score.decay.to ?? 0] : [])]);
}

function findFreshMost(definition, question, score) {
  if (score.points) return highest(Object.values(score.points));
  if (score.bands) return highest(score.bands.map((band) => band.points));
  if (!score.sum) return HUNDRED;
  const options = definition.optionsOf(question);
  const together = options.filter(({ exclusive }) => !exclusive).map(({ key }) => score.sum[key]);
  const alone = options.filter(({ exclusive }) => exclusive).map(({ key }) => score.sum[key]);
  return smaller(HUNDRED, highest([Fraction.sum(together), ...alone]));
}

// The fewest points that an answer can earn, at any age of it.
export function findLeast(question, score) {
  return lowest([findFreshLeast(question, score), ...(score.decay ? [score.decay.to ?? 0] : [])]);
}

function findFreshLeast({ min }, { points, sum, bands }) {
  // Of a sum at least one option is chosen, and no option takes points away.
  if (points ?? sum) return lowest(Object.values(points ?? sum));
  const isInBand = bands && min != null && Fraction.of(min).compare(bands[0].from) >= 0;
  return isInBand ? lowest(bands.map((band) => band.points)) : ZERO;
}
