// Points that move with the age of what an answer tells of: a training fades, and so does an accident.

import { daysBetween } from "./days.js";
import { Fraction, larger, smaller } from "./fraction.js";

// Evenly from those of the answer to those at the end. `begun` is null where nobody says when it was: then the worse of
// the two counts, which is the higher one where lower is better.
export function fade({ earned, why }, decay, begun, day, isLowerBetter) {
  const end = Fraction.of(decay.to ?? 0);
  const fresh = String(earned);
  if (begun === null) {
    const worse = isLowerBetter ? larger(earned, end) : smaller(earned, end);
    return { earned: worse, why: { ...why, undated: decay.date, fresh } };
  }
  // What is yet to come has no age.
  const age = begun < day ? daysBetween(begun, day) : 0;
  const way = Fraction.of(Math.min(age, decay.days)).over(decay.days);
  return { earned: earned.plus(end.minus(earned).times(way)), why: { ...why, age: String(age), fresh } };
}
