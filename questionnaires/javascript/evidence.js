// Documents attached to answers: {question, row, kind, name, state, issued_on, valid_until}. Only those that are "here"
// count; those "checking", "awaited" or "refused" stand against a submission, demanded or not.

import { holds } from "./conditions.js";
import { addDays } from "./days.js";
import { contains } from "./definition.js";
import { place, refuse } from "./places.js";

const NOT_HERE = {
  checking: "evidence_being_checked",
  awaited: "evidence_not_arrived",
  refused: "evidence_refused",
};

export function* checkEvidence(applicability, item, day, attachments) {
  const { question, row } = item;
  const attached = attachments
    .filter((file) => place(file.question, file.row ?? null) === item.place)
    .map((file) => ({ name: "", state: "here", ...file }));
  for (const { state, name } of attached) {
    if (state in NOT_HERE) yield refuse(NOT_HERE[state], question.key, row, { name });
  }
  if (!isEvidenceDemanded(applicability, item)) return;
  const { accept } = question.evidence;
  const fitting = attached.filter((file) => accept.includes(file.kind) && file.state !== "refused");
  if (fitting.length === 0) yield refuse("evidence_missing", question.key, row, { kinds: accept.join(", ") });
  else if (fitting.every((file) => file.state === "here")) yield* checkAges(question, fitting, day);
}

// Only values need evidence, from a tier on, or where the answers say so; with both, where both hold.
export function isEvidenceDemanded(applicability, item) {
  const rule = item.question.evidence;
  if (!rule?.required_from && !rule?.required_when) return false;
  if (applicability.answerOf(item)?.state !== "value") return false;
  if (rule.required_from && !contains(applicability.tier, rule.required_from)) return false;
  return holds(applicability.definition, rule.required_when, (key) => applicability.valueOf(key, item.row));
}

// One document that counts is enough; where none does, each reason is told once.
function checkAges(question, fitting, day) {
  const found = fitting.map((file) => findStaleness(question, file, day));
  return found.includes(null) ? [] : new Map(found.map((problem) => [problem.code, problem])).values();
}

// Why a document does not count on a day, or null: a document that names its own end is judged by that alone.
export function findStaleness(question, { name = "", row = null, issued_on, valid_until }, day) {
  const fail = (code, parameters) => refuse(code, question.key, row, { ...parameters, name });
  if (valid_until) return valid_until < day ? fail("evidence_expired", { valid_until }) : null;
  const most = question.evidence?.max_age_days;
  if (most == null) return null;
  const max_age_days = String(most);
  if (!issued_on) return fail("evidence_undated", { max_age_days });
  return issued_on < addDays(day, -most) ? fail("evidence_outdated", { max_age_days, issued_on }) : null;
}
