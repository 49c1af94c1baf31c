// What the reader in JavaScript sees of a vector of questionnaires/conformance, as plain JSON; it runs in Node.js and in
// browsers alike.

import {
  checkPeriod,
  checkSubmission,
  Definition,
  findApplicable,
  findInconsistencies,
  measureProgress,
  measureSections,
  nameProblem,
  readNested,
  readSaved,
  scoreAnswers,
  suggestMeasures,
  writeNested,
  writeTrace,
} from "../../questionnaires/javascript/index.js";

export function observe({ profile, tier, day, attachments, staff, unconfirmed, earlier, saves = [], ...sent }) {
  const early = sent.period_start ? checkPeriod(sent.period_start, day) : null;
  const definition = new Definition(sent.definition);
  const { answers, problems: refused } = readNested(definition, sent.answers);
  const before = earlier && readNested(definition, earlier).answers;
  const applicability = findApplicable(definition, tier, answers);
  const given = { day, attachments, staff: staff ?? null, unconfirmed };
  const problems = [...(early ? [early] : []), ...checkSubmission(applicability, given)];
  const inconsistencies = findInconsistencies(applicability, before ?? null);
  return {
    enabled: applicability.enabled.map((item) => item.place),
    saved: saves.map((sent) => describeSaved(definition, sent)),
    refused: refused.map(nameProblem),
    problems: problems.map(nameProblem),
    parameters: [...refused, ...problems].map((problem) => problem.parameters),
    values: Object.fromEntries([...answers].map(([where, { value }]) => [where, value])),
    kept: [...answers.keys()].sort(),
    nested: writeNested(definition, answers),
    submitted: [...applicability.keepEnabled().keys()].sort(),
    inconsistencies: inconsistencies.map(({ check, left, right }) => `${check} ${left} ${right}`),
    checks: inconsistencies.map(({ check, severity, questions, isAgainstLastYear }) => ({
      check,
      severity,
      questions,
      is_against_last_year: isAgainstLastYear,
    })),
    progress: writeProgress(measureProgress(applicability)),
    sections: Object.fromEntries([...measureSections(applicability)].map(([key, one]) => [key, writeProgress(one)])),
    ...(profile ? score(definition, profile, tier, answers, day) : {}),
  };
}

function describeSaved(definition, sent) {
  const { answer, problem } = readSaved(definition, sent);
  return problem ? nameProblem(problem) : { value: answer.value, ...(answer.reason ? { reason: answer.reason } : {}) };
}

function score(definition, profile, tier, answers, day) {
  const result = scoreAnswers(definition, profile, tier, answers, day);
  const trace = writeTrace(result, definition, profile);
  const { pillars, lower } = trace.summary;
  return {
    score: {
      ...trace.summary,
      pillars: Object.fromEntries(pillars.map((pillar) => [pillar.key, pillar.score])),
      states: Object.fromEntries(pillars.map((pillar) => [pillar.key, pillar.state])),
      lower: Object.fromEntries(lower.map((one) => [one.tier, one.total])),
      fired: result.fired.map(({ rule }) => rule),
      open: result.open.map(({ rule, state }) => `${rule} ${state}`),
    },
    trace,
    advice: suggestMeasures(result, definition, profile).map(({ question, gain }) => [question, gain]),
  };
}

function writeProgress({ minutesLeft, ...rest }) {
  return { ...rest, minutes_left: minutesLeft };
}
