// Checks across answers and against last year: they ask for a comment and never touch the score. One with a missing
// side says nothing.

import { clausesOf, compare, holds } from "./conditions.js";
import { daysBetween } from "./days.js";
import { contains, NUMBERS } from "./definition.js";
import { Fraction } from "./fraction.js";
import { listRows, place } from "./places.js";

// `earlier` are last year's answers by place, under the keys of this version and only where they mean the same; null
// where there are none.
export function findInconsistencies(applicability, earlier = null) {
  const { definition, tier } = applicability;
  const valueOf = (key) => applicability.valueOf(key);
  const isMeant = ({ when, unless }) =>
    !(unless && holds(definition, unless, valueOf)) && holds(definition, when, valueOf);
  return definition.checks
    .filter((check) => contains(tier, check.tier) && isMeant(check))
    .map((check) => describe(check, check.rule ? findBroken(applicability, check.rule, earlier) : ["", ""]))
    .filter((found) => found !== null);
}

function describe(check, sides) {
  if (sides === null) return null;
  const [left, right] = sides.map((side) => (Array.isArray(side) ? side.join(", ") : String(side)));
  const { key, severity, title, rule } = check;
  const isAgainstLastYear = Boolean(rule?.jump);
  return { check: key, severity, title, questions: questionsOf(check), left, right, isAgainstLastYear };
}

// What the rule compares; without a rule, what the conditions name.
function questionsOf({ rule, when, unless }) {
  if (rule) return [...(rule.sum ?? []), rule.sum_rows, rule.value, rule.than].filter((key) => key != null);
  const clauses = [when, unless].filter(Boolean).flatMap(clausesOf);
  return [...new Set(clauses.map((clause) => clause.q))];
}

function findBroken(applicability, rule, earlier) {
  const { definition } = applicability;
  const left = takeSide(rule, (key, row) => applicability.valueOf(key, row), rowsNow(applicability, rule));
  const right = rule.jump
    ? takeEarlier(definition, rule, earlier)
    : rule.than
      ? applicability.valueOf(rule.than)
      : String(rule.than_value);
  if (left === null || right === null) return null;
  const { type } = definition.questions.get(questionsOf({ rule })[0]);
  const isBroken = rule.jump ? isJump(rule.jump, type, left, right) : !compare(rule.op, left, right, type !== "date");
  return isBroken ? [left, right] : null;
}

const rowsNow = (applicability, { sum_rows: key }) =>
  key ? applicability.rowsOf(applicability.definition.parents.get(key)) : [];

function takeEarlier(definition, rule, earlier) {
  if (!earlier) return null;
  const group = definition.parents.get(rule.sum_rows);
  const whole = group && earlier.get(group.key);
  if (whole && whole.state !== "value") return null;
  const valueOf = (key, row = null) => {
    const answer = earlier.get(place(key, row));
    return answer?.state === "value" ? answer.value : null;
  };
  return takeSide(rule, valueOf, group ? listRows(group, earlier) : []);
}

function takeSide({ value, sum, sum_rows: inRows }, valueOf, rows) {
  if (value) return valueOf(value);
  if (!inRows) return add(sum.map((key) => valueOf(key)));
  return rows.length > 0 ? add(rows.map((row) => valueOf(inRows, row))) : null;
}

const add = (numbers) => (numbers.includes(null) ? null : Fraction.sum(numbers).toDecimal());

// Whether the change goes beyond each limit that is given; without one, whether there is any change.
function isJump({ factor, amount }, type, now, before) {
  if (String(now) === String(before)) return false;
  if (type === "date") return amount == null || Fraction.of(daysBetween(now, before)).compare(amount) > 0;
  if (!NUMBERS.has(type)) return true;
  const [a, b] = [Fraction.of(now), Fraction.of(before)];
  const isFar = amount == null || a.minus(b).abs().compare(amount) > 0;
  return isFar && (factor == null || isBeyond(factor, a, b));
}

// From nothing, to nothing, or to the other side of nothing is beyond every factor.
function isBeyond(factor, now, before) {
  if (now.times(before).compare(0) <= 0) return true;
  const [smaller, larger] = [now.abs(), before.abs()].sort((one, other) => one.compare(other));
  return larger.compare(smaller.times(factor)) > 0;
}
