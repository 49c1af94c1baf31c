// What can be kept as a draft. Conditions, limits and required answers wait for the submission, so that nothing typed
// is ever lost.

import { refuse } from "./places.js";
import { countCharacters, trimBlanks, UNREADABLE } from "./texts.js";
import { readValue } from "./values.js";

export const STATES = ["value", "not_applicable", "unknown", "declined"];
const MAX_REASON = 2_000;
const ROW = /^[A-Za-z0-9_-]{1,64}$/;

// The most people that a firm which may decline can have; null where none may.
export function findDeclineLimit({ request_limit: limit }) {
  if (limit?.up_to_1000 === "voluntary") return 1000;
  return limit?.up_to_10 === "voluntary" ? 10 : null;
}

// Whether a firm of this size may decline; with the size unknown (null), whether any size may.
export function mayDecline(question, staff = null) {
  const limit = question.request_limit;
  if (!limit || (staff !== null && staff > 1000)) return false;
  if (staff === null) return limit.up_to_10 === "voluntary" || limit.up_to_1000 === "voluntary";
  return (staff <= 10 ? limit.up_to_10 : limit.up_to_1000) === "voluntary";
}

// {answer} with its value in the one spelling, or {problem}.
export function readSaved(definition, { question: key, row = null, state, value = null, reason = null, unit = null }) {
  const question = definition.questions.get(key);
  const problem = findMisplaced(definition, question, key, row) ?? findBadState(question, state, row, reason);
  if (problem) return { problem };
  if (state === "value") {
    const read = readValue(definition, question, value, { row, unit });
    if (read.problem) return read;
    return { answer: { question: key, row, state, value: read.value, reason: "" } };
  }
  if (value !== null) return { problem: refuse("value_not_expected", key, row, { state }) };
  return { answer: { question: key, row, state, value: null, reason: trimBlanks(reason ?? "") } };
}

function findMisplaced(definition, question, key, row) {
  if (!question) return refuse("unknown_question", key, row);
  const inGroup = definition.parents.has(key);
  if (row === null) return inGroup ? refuse("row_missing", key) : null;
  if (!inGroup && question.type !== "group") return refuse("row_not_expected", key, row);
  return ROW.test(row) ? null : refuse("row_malformed", key, row);
}

function findBadState(question, state, row, reason) {
  const { key } = question;
  if (!STATES.includes(state)) return refuse("unknown_state", key, row, { state, allowed: STATES.join(", ") });
  if (question.type === "group" && row !== null && state !== "value") return refuse("row_state", key, row);
  if (state === "not_applicable" && !question.not_applicable?.allowed) {
    return refuse("not_applicable_not_allowed", key, row);
  }
  if (state === "declined" && !mayDecline(question)) return refuse("decline_not_allowed", key, row);
  if (!reason) return null;
  if (UNREADABLE.test(reason)) return refuse("text_unreadable", key, row);
  const length = countCharacters(reason);
  if (length <= MAX_REASON) return null;
  return refuse("reason_too_long", key, row, { length: `${length}`, max: `${MAX_REASON}` });
}
