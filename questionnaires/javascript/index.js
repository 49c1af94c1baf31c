// A reader of published questionnaires and scoring profiles: no dependencies, nothing to build, and nothing of a browser or
// of Node.js but the language itself with BigInt, private methods and Object.hasOwn (Chrome and Edge 93, Firefox 92, Safari
// 15.4, Node.js 18). It passes the vectors of ../conformance, as the server does. Documents are taken as published: the
// server has linted them. Answers are not: whatever comes in is either kept in its one spelling or refused with a problem.

export { suggestMeasures } from "./advice.js";
export { mayDecline, readSaved } from "./answers.js";
export { findApplicable } from "./applicability.js";
export { findInconsistencies } from "./consistency.js";
export { contains, Definition } from "./definition.js";
export { findStaleness, isEvidenceDemanded } from "./evidence.js";
export { Fraction } from "./fraction.js";
export { readNested, writeNested } from "./nested.js";
export { nameProblem, place } from "./places.js";
export { measureProgress, measureSections } from "./progress.js";
export { scoreAnswers } from "./scoring.js";
export { checkPeriod, checkSubmission } from "./submission.js";
export { writeSummary, writeTrace } from "./trace.js";
export { readValue } from "./values.js";
