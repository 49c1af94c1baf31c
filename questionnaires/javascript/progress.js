// How far a draft is: places asked, answered, required and missing, and the minutes that are left.

import { Fraction, ONE } from "./fraction.js";
import { isAnswered, isRequired } from "./submission.js";

// Over the whole assessment at its tier.
export const measureProgress = (applicability) => measure(applicability, applicability.enabled);

// By section key, in document order; a section that asks nothing now has zeros.
export function measureSections(applicability) {
  const measured = applicability.definition.sections.map(({ key }) => {
    const items = applicability.enabled.filter((item) => item.section.key === key);
    return [key, measure(applicability, items)];
  });
  return new Map(measured);
}

const minutesOf = (questions) => Fraction.sum(questions.map((question) => question.minutes ?? ONE));

function measure(applicability, items) {
  const open = items.filter((item) => !isAnswered(applicability, item));
  const expected = expectRows(open);
  return {
    asked: items.length,
    answered: items.length - open.length,
    required: items.filter(isRequired).length,
    missing: open.filter(isRequired).map((item) => item.place),
    minutes: minutesOf(items.map((item) => item.question)).plus(expected).toDecimal(),
    minutesLeft: minutesOf(open.map((item) => item.question)).plus(expected).toDecimal(),
  };
}

// A list without an answer is expected to take its least number of rows, at least one.
function expectRows(open) {
  const groups = open.map((item) => item.question).filter((question) => question.type === "group");
  return Fraction.sum(groups.map(({ repeat, questions }) => minutesOf(questions).times(Math.max(1, repeat?.min ?? 1))));
}
