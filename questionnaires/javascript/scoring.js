// (version, profile, tier, answers, day) -> result with a line for every measure, in exact fractions throughout.
// Not applicable, declined and closed leave numerator and denominator; unknown and unanswered earn nothing and stay.

import { findApplicable } from "./applicability.js";
import { grade } from "./bands.js";
import { applyRules } from "./critical.js";
import { addDays } from "./days.js";
import { contains } from "./definition.js";
import { Fraction, ZERO } from "./fraction.js";
import { COUNTED, drawLines } from "./lines.js";
import { scorePillar, weigh } from "./pillars.js";

// At its tier and, without band, at each lower one.
export function scoreAnswers(definition, profile, tier, answers, day) {
  const applicability = findApplicable(definition, tier, answers);
  const { lines, ...scored } = scoreTier(applicability, profile, day);
  const rules = applyRules(applicability, profile);
  const lower = definition.tiers.filter((key) => key !== tier && contains(tier, key));
  return {
    questionnaire: definition.document.questionnaire.key,
    version: definition.document.questionnaire.version,
    profile: profile.profile.number,
    day,
    validUntil: addDays(day, profile.validity_days),
    ...scored,
    ...grade(profile, scored, rules),
    ...rules,
    lines,
    lower: lower.map((key) => {
      const { lines: _, ...figures } = scoreTier(findApplicable(definition, key, answers), profile, day);
      return figures;
    }),
  };
}

function scoreTier(applicability, profile, day) {
  const lines = drawLines(applicability, profile, day);
  const pillars = applicability.definition.pillars.map(({ key }) =>
    scorePillar(profile, key, lines.filter((line) => line.pillar === key)),
  );
  const rated = pillars.filter(({ score }) => score !== null);
  const whole = weigh(rated);
  const points = Fraction.sum(rated.map(({ weight, score }) => weight.times(score)));
  const shares = new Map(
    rated.flatMap(({ weight, shares: inside }) =>
      [...inside].map(([where, share]) => [where, share.times(weight).over(whole)]),
    ),
  );
  return {
    tier: applicability.tier,
    total: rated.length > 0 ? points.over(whole) : null,
    pillars: pillars.map(({ shares: _, ...pillar }) => pillar),
    coverage: cover(lines),
    restsOn: lines.filter(({ status }) => COUNTED.has(status)).length,
    lines: lines.map((line) => ({ ...line, share: shares.get(line.place) ?? ZERO })),
  };
}

// The share of the weight asked for that was answered with a value. What was declined costs no points, but nobody knows
// it: a band that rests on coverage cannot be had by declining.
function cover(lines) {
  const asked = weigh(lines.filter(({ status }) => COUNTED.has(status) || status === "declined"));
  return asked.isZero ? ZERO : weigh(lines.filter(({ status }) => status === "value")).over(asked);
}
