// Whether a place that is closed now might still be asked, since what decides it is open itself. A gate is true
// (asked), false (closed, whatever else comes), or the state of the answer that decides: "unanswered", "unknown",
// "declined".

import { clauseHolds, clausesOf } from "./conditions.js";
import { place } from "./places.js";

// The gate of every place of the tier. One pass in document order, since a condition names earlier questions only: a
// long chain of conditions takes no longer for each link.
export function judgePlaces(applicability) {
  const { definition } = applicability;
  const gates = new Map();
  for (const { question, row, place: where, isEnabled } of applicability.items) {
    const group = definition.parents.get(question.key);
    const above = group ? gateOf(gates, group.key) : true;
    gates.set(where, isEnabled || combine(false, [above, judgeCondition(applicability, gates, question, row)]));
  }
  return gates;
}

// A place that this tier does not ask is closed.
export const gateOf = (gates, key, row = null) => gates.get(place(key, row)) ?? false;

function judgeCondition(applicability, gates, { enable_when: condition }, row) {
  if (!condition) return true;
  const judged = clausesOf(condition).map((clause) => judgeClause(applicability, gates, clause, row));
  return combine(!condition.all?.length, judged);
}

function judgeClause(applicability, gates, clause, row) {
  const { definition } = applicability;
  const seenFrom = definition.rowFor(clause.q, row);
  const asked = gateOf(gates, clause.q, seenFrom);
  if (asked !== true) return asked;
  const answer = applicability.answers.get(place(clause.q, seenFrom));
  if (!answer) return "unanswered";
  if (answer.state === "unknown" || answer.state === "declined") return answer.state;
  return clauseHolds(definition, clause, applicability.valueOf(clause.q, row));
}

// One gate that decides alone (true of any, false of all) comes before every open one, the first open one before the
// rest.
function combine(deciding, gates) {
  if (gates.includes(deciding)) return deciding;
  return gates.find((gate) => typeof gate !== "boolean") ?? !deciding;
}
