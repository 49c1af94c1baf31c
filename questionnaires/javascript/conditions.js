// Flat conditions: all clauses or any clause. A clause about anything but the value of a question that is asked is
// false, whatever its operator.

import { NUMBERS } from "./definition.js";
import { Fraction } from "./fraction.js";

export const clausesOf = (condition) => (condition.all?.length ? condition.all : (condition.any ?? []));

// `valueOf` gives the value of a question that is asked, or null.
export function holds(definition, condition, valueOf) {
  if (!condition) return true;
  const isMet = (clause) => clauseHolds(definition, clause, valueOf(clause.q));
  return condition.all?.length ? condition.all.every(isMet) : (condition.any ?? []).some(isMet);
}

export function clauseHolds(definition, clause, value) {
  if (value === null) return false;
  const isNumber = NUMBERS.has(definition.questions.get(clause.q).type);
  const wanted = clause.value ?? true;
  switch (clause.op) {
    case "answered":
      return true;
    case "in":
      return listOf(wanted).some((item) => compare("eq", value, item, isNumber));
    case "includes_any":
      return listOf(wanted).some((item) => listOf(value).includes(item));
    case "includes_all":
      return listOf(wanted).every((item) => listOf(value).includes(item));
    default:
      return compare(clause.op, value, wanted, isNumber);
  }
}

// Numbers by size, dates by day (ISO dates sort as texts do), everything else by equality only.
export function compare(op, left, right, isNumber) {
  const order = isNumber ? Fraction.of(left).compare(right) : left === right ? 0 : left < right ? -1 : 1;
  switch (op) {
    case "eq":
      return order === 0;
    case "gt":
      return order > 0;
    case "gte":
      return order >= 0;
    case "lt":
      return order < 0;
    case "lte":
      return order <= 0;
    default:
      throw new TypeError(`unknown operator ${op}`);
  }
}

export const listOf = (value) => (Array.isArray(value) ? value : [value]);
