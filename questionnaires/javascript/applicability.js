// Which places a set of answers opens at a tier: one pass in document order. The answer of a closed question counts as
// absent for everything after it.

import { holds } from "./conditions.js";
import { contains } from "./definition.js";
import { listRows, place } from "./places.js";

export function findApplicable(definition, tier, answers) {
  return new Applicability(definition, tier, answers);
}

class Applicability {
  constructor(definition, tier, answers) {
    Object.assign(this, { definition, tier, answers });
    // Values of places that are asked, by place.
    this.values = new Map();
    // Every place of the tier: {section, question, row, place, isEnabled}.
    this.items = [...this.#walk()];
    this.enabled = this.items.filter((item) => item.isEnabled);
    this.byPlace = new Map(this.items.map((item) => [item.place, item]));
  }

  *#walk() {
    for (const section of this.definition.sections) {
      for (const question of section.questions) {
        if (!contains(this.tier, question.tier)) continue;
        const item = this.#visit(section, question, null, true);
        yield item;
        if (question.type !== "group") continue;
        for (const row of this.#countRows(question)) {
          for (const child of question.questions) {
            if (contains(this.tier, child.tier)) yield this.#visit(section, child, row, item.isEnabled);
          }
        }
      }
    }
  }

  #visit(section, question, row, isOpenAbove) {
    const where = place(question.key, row);
    const isEnabled = isOpenAbove && holds(this.definition, question.enable_when, (key) => this.valueOf(key, row));
    const answer = this.answers.get(where);
    if (isEnabled && answer?.state === "value") this.values.set(where, answer.value);
    return { section, question, row, place: where, isEnabled };
  }

  // Rows count as long as the group as a whole is not said to be unknown, declined or not applicable.
  #countRows(group) {
    const whole = this.answers.get(group.key);
    return !whole || whole.state === "value" ? listRows(group, this.answers) : [];
  }

  // The value of a question that is asked, as seen from a row (null: from outside groups), or null.
  valueOf(key, row = null) {
    return this.values.get(place(key, this.definition.rowFor(key, row))) ?? null;
  }

  isEnabled(where) {
    return this.byPlace.get(where)?.isEnabled ?? false;
  }

  // The answer that counts: null where the place is closed.
  answerOf(item) {
    return item.isEnabled ? (this.answers.get(item.place) ?? null) : null;
  }

  rowsOf(group) {
    return this.isEnabled(group.key) ? this.#countRows(group) : [];
  }

  // The answers of open places alone, as a submission freezes them.
  keepEnabled() {
    const groups = this.enabled.map(({ question }) => question).filter(({ type }) => type === "group");
    const rows = new Set(groups.flatMap((group) => this.rowsOf(group).map((row) => place(group.key, row))));
    return new Map([...this.answers].filter(([where]) => this.isEnabled(where) || rows.has(where)));
  }
}
