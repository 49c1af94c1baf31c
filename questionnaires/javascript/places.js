// Where answers belong, and what is wrong with them there.

// A question, or a question in a row of its group: "headcount", "site_people[berlin]".
export const place = (question, row = null) => (row === null ? question : `${question}[${row}]`);

// A problem has a stable code and the parameters of its text, which is made from locale files.
export const refuse = (code, question, row = null, parameters = {}) => ({ code, question, row, parameters });

// "required_missing headcount": how the vectors name a problem. One that is about no question ends with the blank.
export const nameProblem = ({ code, question, row }) => `${code} ${place(question, row)}`;

// The rows of a group, sorted: those of answers to the group and to its questions.
export function listRows(group, answers) {
  const keys = new Set([group.key, ...(group.questions ?? []).map((child) => child.key)]);
  const rows = [...answers.values()].filter(({ question, row }) => row !== null && keys.has(question));
  return [...new Set(rows.map(({ row }) => row))].sort();
}
