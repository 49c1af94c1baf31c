// What submission demands beyond saving: everything required, within limits, with its reasons and evidence.

import { findDeclineLimit, mayDecline } from "./answers.js";
import { NUMBERS } from "./definition.js";
import { checkEvidence } from "./evidence.js";
import { Fraction } from "./fraction.js";
import { place, refuse } from "./places.js";
import { countCharacters } from "./texts.js";
import { readValue } from "./values.js";

// Every problem in document order; none where the assessment may be submitted on `day`. `staff` is the number of people
// of the firm, null where it is not known. `unconfirmed` are the answers, as {question, row}, that were taken over and
// that nobody has looked at yet.
export function checkSubmission(applicability, { day, attachments = [], staff = null, unconfirmed = [] }) {
  const unseen = new Set(unconfirmed.map(({ question, row = null }) => place(question, row)));
  return applicability.enabled.flatMap((item) => [
    ...checkItem(applicability, item, staff),
    ...checkEvidence(applicability, item, day, attachments),
    ...(unseen.has(item.place) ? [refuse("not_confirmed", item.question.key, item.row)] : []),
  ]);
}

// Why nothing can be submitted on a day about a period that starts later, both as ISO texts; null where it has begun. It is
// about no question. A period that has begun is not waited for to its end: a firm tells how it is now.
export const checkPeriod = (start, day) =>
  start <= day ? null : refuse("period_not_begun", "", null, { period_start: start });

// Complete in any state; a list by its rows, or by the statement that there are none.
export function isAnswered(applicability, item) {
  if (applicability.answerOf(item)) return true;
  return item.question.type === "group" && applicability.rowsOf(item.question).length > 0;
}

export const isRequired = ({ question }) => Boolean(question.required) || (question.repeat?.min ?? 0) > 0;

function* checkItem(applicability, item, staff) {
  const { question, row } = item;
  const fail = (code, parameters) => refuse(code, question.key, row, parameters);
  if (!isAnswered(applicability, item)) {
    if (isRequired(item)) yield fail("required_missing");
    return;
  }
  const answer = applicability.answerOf(item);
  if (question.type === "group") yield* checkRows(applicability, item, answer, fail);
  switch (answer?.state) {
    case "not_applicable":
      if (!question.not_applicable?.allowed) yield fail("not_applicable_not_allowed");
      else if (!answer.reason) yield fail("reason_missing");
      break;
    case "declined":
      if (!mayDecline(question, staff)) yield explainDecline(question, staff, fail);
      break;
    case "value":
      if (question.type !== "group") yield* checkValue(applicability.definition, item, answer, fail);
  }
}

function explainDecline(question, staff, fail) {
  const max = findDeclineLimit(question);
  if (max === null || staff <= max) return fail("decline_not_allowed");
  return fail("decline_over_limit", { staff: `${staff}`, max: `${max}` });
}

function* checkRows(applicability, { question }, answer, fail) {
  if (!question.repeat || (answer && answer.state !== "value")) return;
  const { min, max } = question.repeat;
  const rows = applicability.rowsOf(question).length;
  if (rows < min) yield fail("too_few_rows", { rows: `${rows}`, min: `${min}` });
  if (rows > max) yield fail("too_many_rows", { rows: `${rows}`, max: `${max}` });
}

function* checkValue(definition, { question, row }, answer, fail) {
  const { value, problem } = readValue(definition, question, answer.value, { row });
  if (problem) {
    yield problem;
  } else if (NUMBERS.has(question.type)) {
    yield* checkNumber(question, value, fail);
  } else if (question.type === "multi_choice") {
    const alone = definition.optionsOf(question).filter(({ key, exclusive }) => exclusive && value.includes(key));
    if (value.length > 1) yield* alone.map((option) => fail("exclusive_option", { option: option.title }));
  } else if (question.max_length != null && countCharacters(value) > question.max_length) {
    yield fail("text_too_long", { length: `${countCharacters(value)}`, max: `${question.max_length}` });
  }
}

function* checkNumber({ min, max, decimals }, value, fail) {
  const number = Fraction.of(value);
  if (min != null && number.compare(min) < 0) yield fail("below_min", { value, min: `${min}` });
  if (max != null && number.compare(max) > 0) yield fail("above_max", { value, max: `${max}` });
  const places = value.split(".")[1]?.length ?? 0;
  if (decimals != null && places > decimals) yield fail("too_many_decimals", { value, max: `${decimals}` });
}
