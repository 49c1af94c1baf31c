// The nested form of answers, in which a group holds its rows and each row its answers, and the flat one: a Map by
// place.

import { readSaved } from "./answers.js";
import { listRows, place, refuse } from "./places.js";

const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);

// The answers that can be kept, and the problems of those that cannot: one refused answer does not touch the others.
export function readNested(definition, nested) {
  const answers = new Map();
  const problems = [];
  for (const { answer, problem } of readEntries(definition, nested)) {
    if (problem) problems.push(problem);
    else answers.set(place(answer.question, answer.row), answer);
  }
  return { answers, problems };
}

const refuseShape = (key, row, expected) => ({ problem: refuse("wrong_type", key, row, { expected }) });

function* readEntries(definition, nested) {
  if (!isObject(nested)) {
    yield refuseShape("", null, "a mapping of question keys to answers");
    return;
  }
  for (const [key, entry] of Object.entries(nested)) {
    const isGroup = definition.questions.get(key)?.type === "group";
    const rows = isObject(entry) ? entry.value : null;
    if (isGroup && Array.isArray(rows) && rows.length > 0) {
      yield* readRows(definition, key, rows);
      if (entry.state !== "value") yield readEntry(definition, key, null, { ...entry, value: null });
    } else {
      yield readEntry(definition, key, null, entry);
    }
  }
}

function* readRows(definition, group, rows) {
  for (const held of rows) {
    if (!isObject(held) || typeof held.row !== "string") {
      yield { problem: refuse("row_malformed", group) };
      continue;
    }
    const { row, answers } = held;
    yield readSaved(definition, { question: group, row, state: "value", value: true });
    if (answers && !isObject(answers)) {
      yield refuseShape(group, row, "a mapping of question keys to answers");
      continue;
    }
    for (const [key, entry] of Object.entries(answers || {})) {
      const belongs = definition.parents.get(key)?.key === group;
      yield belongs ? readEntry(definition, key, row, entry) : { problem: refuse("unknown_question", key, row) };
    }
  }
}

function readEntry(definition, key, row, entry) {
  if (!isObject(entry)) return refuseShape(key, row, "an answer with state and value");
  const { state, value = null, reason = null } = entry;
  if (reason !== null && typeof reason !== "string") return refuseShape(key, row, "a reason in words");
  return readSaved(definition, { question: key, row, state: typeof state === "string" ? state : "", value, reason });
}

// The nested form in document order, rows sorted by their id, nothing lost.
export function writeNested(definition, answers) {
  const nested = {};
  for (const question of definition.sections.flatMap((section) => section.questions)) {
    const answer = answers.get(question.key);
    const rows = question.type === "group" ? listRows(question, answers) : [];
    if (!answer && rows.length === 0) continue;
    nested[question.key] = answer ? writeEntry(answer) : { state: "value" };
    if (rows.length > 0) nested[question.key].value = rows.map((row) => writeRow(question, row, answers));
  }
  return nested;
}

function writeRow(group, row, answers) {
  const held = group.questions.map((child) => [child.key, answers.get(place(child.key, row))]);
  const written = held.filter(([, answer]) => answer).map(([key, answer]) => [key, writeEntry(answer)]);
  return { row, answers: Object.fromEntries(written) };
}

function writeEntry({ state, value, reason }) {
  return { state, ...(value === null ? {} : { value }), ...(reason ? { reason } : {}) };
}
