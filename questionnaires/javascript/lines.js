// A line for every measure of a tier, and for every row where it belongs to a group: its weight, status and points.

import { fade } from "./decay.js";
import { contains } from "./definition.js";
import { Fraction, ONE, ZERO } from "./fraction.js";
import { closeLevels } from "./levels.js";
import { place } from "./places.js";
import { awardPoints, findUnknown, isLowerBetter } from "./points.js";

// In the denominator; unanswered counts as unknown does.
export const COUNTED = new Set(["value", "unknown", "unanswered"]);

// In document order, with the points of closed levels held back; the share of each in the total is still zero.
export function drawLines(applicability, profile, day) {
  const { definition, tier } = applicability;
  const lines = [...definition.walk()]
    // hasOwn: a question may be called "constructor".
    .filter(({ question }) => Object.hasOwn(profile.questions, question.key) && contains(tier, question.tier))
    .flatMap(({ section, question, group }) => {
      const parts = group ? splitByRow(applicability, question, group) : [makePart(applicability, question.key)];
      return parts.map((part) => drawLine(applicability, profile, day, section, question, part));
    });
  return closeLevels(profile, lines);
}

const makePart = (applicability, key, row = null) => ({
  row,
  part: ONE,
  status: findStatus(applicability, place(key, row)),
});

// The weight is spread evenly over the rows that are neither declined nor closed.
function splitByRow(applicability, { key }, group) {
  const rows = applicability.rowsOf(group);
  if (rows.length === 0) return [{ row: null, part: ONE, status: findGroupStatus(applicability, group) }];
  const parts = rows.map((row) => makePart(applicability, key, row));
  const standing = parts.filter(({ status }) => status !== "declined" && status !== "disabled").length;
  const part = new Fraction(1n, BigInt(standing || rows.length));
  return parts.map((one) => ({ ...one, part }));
}

function drawLine(applicability, profile, day, section, question, { row, part, status }) {
  const score = profile.questions[question.key];
  const earned = status === "value" ? award(applicability, profile, day, question, row) : null;
  const unknown = COUNTED.has(status) ? findUnknown(applicability.definition, profile, question) : null;
  return {
    section: section.key,
    pillar: section.pillar ?? "",
    question: question.key,
    row,
    place: place(question.key, row),
    tier: question.tier,
    weight: Fraction.of(score.weight).times(part),
    status,
    points: earned?.earned ?? unknown,
    share: ZERO,
    why: earned?.why ?? {},
    level: score.level ?? null,
    // Points that count nothing because their level is closed.
    held: null,
  };
}

function award(applicability, profile, day, question, row) {
  const score = profile.questions[question.key];
  const points = awardPoints(score, applicability.valueOf(question.key, row));
  if (!score.decay) return points;
  return fade(points, score.decay, applicability.valueOf(score.decay.date, row), day, isLowerBetter(profile));
}

function findStatus(applicability, where) {
  if (!applicability.isEnabled(where)) return "disabled";
  return applicability.answers.get(where)?.state ?? "unanswered";
}

// How the measures of a list without rows stand: as the list as a whole was answered.
export function findGroupStatus(applicability, group) {
  if (!applicability.isEnabled(group.key)) return "disabled";
  const whole = applicability.answers.get(group.key);
  // An empty list says that there are none: nothing to measure.
  if (whole) return whole.state === "value" ? "disabled" : whole.state;
  return group.required || (group.repeat?.min ?? 0) > 0 ? "unanswered" : "disabled";
}
