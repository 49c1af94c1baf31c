// What would help most: the measures that would better the total most, worded as their own action with the evidence it
// needs. A question whose critical rule is hit or open is left out: harm is to be ended, not improved for points.

import { Fraction, ZERO } from "./fraction.js";
import { closeLevels, release } from "./levels.js";
import { scorePillar, weigh } from "./pillars.js";
import { findLeast, findMost, isLowerBetter } from "./points.js";

export function suggestMeasures(result, definition, profile, limit = 3) {
  const critical = new Set([...result.fired, ...result.open].map(({ question }) => question));
  const keys = [...new Set(result.lines.map(({ question }) => question))].filter((key) => !critical.has(key));
  return keys
    .map((key) => ({ key, gain: findGain(result, definition, profile, key) }))
    .filter(({ gain }) => gain.compare(0) > 0)
    .sort((one, other) => other.gain.compare(one.gain))
    .slice(0, limit)
    .map(({ key, gain }) => advise(definition, key, gain));
}

// Points of the total, were this measure in place in every row and all else the same. The pillar is scored anew: a
// level may open by it or stay closed, a sum may pass its cap.
function findGain(result, definition, profile, key) {
  const { pillar } = result.lines.find(({ question }) => question === key);
  const now = result.pillars.find((scored) => scored.key === pillar);
  if (now.score === null) return ZERO;
  const points = findBest(definition, profile, key);
  const isBettered = ({ question, status }) => question === key && (status === "value" || status === "unknown");
  const lines = result.lines.filter((line) => line.pillar === pillar).map(release);
  const bettered = lines.map((line) => (isBettered(line) ? { ...line, points } : line));
  const then = scorePillar(profile, pillar, closeLevels(profile, bettered));
  const whole = weigh(result.pillars.filter(({ score }) => score !== null));
  const change = then.score.minus(now.score).times(now.weight).over(whole);
  return isLowerBetter(profile) ? change.times(-1) : change;
}

function findBest(definition, profile, key) {
  const [question, score] = [definition.questions.get(key), profile.questions[key]];
  return isLowerBetter(profile) ? findLeast(question, score) : findMost(definition, question, score);
}

function advise(definition, key, gain) {
  const { action, evidence } = definition.questions.get(key);
  const { key: section, pillar } = definition.sectionOf.get(key);
  return {
    question: key,
    section,
    pillar: pillar ?? "",
    gain: gain.round().toDecimal(),
    action,
    evidence: evidence?.accept ?? [],
    evidenceHint: evidence?.hint ?? "",
  };
}
