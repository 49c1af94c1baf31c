// Critical rules: an answer that admits harm caps the band, never the points; a rule that nobody can decide leaves no
// band.

import { compare, listOf } from "./conditions.js";
import { contains, NUMBERS } from "./definition.js";
import { gateOf, judgePlaces } from "./gates.js";
import { findGroupStatus } from "./lines.js";

// {fired, open} in the order of the profile; only rules on questions of this tier.
export function applyRules(applicability, profile) {
  const { definition, tier } = applicability;
  const isAsked = ({ question }) => contains(tier, definition.questions.get(question).tier);
  const rules = (profile.critical ?? []).filter(isAsked);
  const gates = rules.length > 0 ? judgePlaces(applicability) : new Map();
  const outcomes = rules.flatMap((rule) => [...applyRule(applicability, gates, rule)]);
  return {
    fired: outcomes.filter((outcome) => "capBand" in outcome),
    open: outcomes.filter((outcome) => "state" in outcome),
  };
}

function* applyRule(applicability, gates, rule) {
  const { definition } = applicability;
  const group = definition.parents.get(rule.question);
  const named = { rule: rule.key, section: definition.sectionOf.get(rule.question).key, question: rule.question };
  if (group && applicability.rowsOf(group).length === 0) {
    const state = findOpenGroup(applicability, gates, group);
    if (state) yield { ...named, row: null, state };
    return;
  }
  for (const item of applicability.items.filter(({ question }) => question.key === rule.question)) {
    const gate = gateOf(gates, rule.question, item.row);
    const answer = applicability.answerOf(item);
    // Not knowing whether it should be asked is not knowing the answer.
    const state = gate === true ? findOpenState(answer) : gate;
    if (state) yield { ...named, row: item.row, state };
    else if (gate === true && isHit(rule, item.question, answer)) {
      yield { ...named, row: item.row, capBand: rule.cap_band };
    }
  }
}

function findOpenState(answer) {
  if (!answer) return "unanswered";
  return answer.state === "unknown" || answer.state === "declined" ? answer.state : null;
}

// A list left open as a whole, or its gate, leaves the rules on its questions open.
function findOpenGroup(applicability, gates, group) {
  const gate = gateOf(gates, group.key);
  if (typeof gate !== "boolean") return gate;
  const status = findGroupStatus(applicability, group);
  return ["unknown", "declined", "unanswered"].includes(status) ? status : null;
}

function isHit(rule, { type }, { state, value }) {
  if (state !== "value") return false;
  if (NUMBERS.has(type)) return compare(rule.op, value, rule.value, true);
  return listOf(value).some((option) => rule.options.includes(String(option)));
}
