// A published questionnaire version with what is looked up in it.

export const TIERS = ["micro", "basic", "standard", "advanced"];
export const NUMBERS = new Set(["integer", "decimal", "percent"]);
export const CHOICES = new Set(["choice", "multi_choice"]);

// Whether `tier` asks what `other` asks: tiers nest.
export const contains = (tier, other) => TIERS.indexOf(other) <= TIERS.indexOf(tier);

export class Definition {
  constructor(document) {
    this.document = document;
    this.sections = document.sections;
    this.pillars = document.pillars;
    this.checks = document.checks ?? [];
    this.tiers = document.tiers.map((tier) => tier.key);
    // By key, in document order, a group before its questions.
    this.questions = new Map();
    this.parents = new Map();
    this.sectionOf = new Map();
    for (const { section, question, group } of this.walk()) {
      this.questions.set(question.key, question);
      this.sectionOf.set(question.key, section);
      if (group) this.parents.set(question.key, group);
    }
  }

  *walk() {
    for (const section of this.sections) {
      for (const question of section.questions) {
        yield { section, question, group: null };
        for (const child of question.questions ?? []) yield { section, question: child, group: question };
      }
    }
  }

  // The options of a choice, its own or those of its option set.
  optionsOf(question) {
    const shared = question.options_ref ? this.document.option_sets?.[question.options_ref] : null;
    return shared ?? question.options ?? [];
  }

  // The row that a question is seen from: the same row for questions of a group, none for the others.
  rowFor(key, row) {
    return this.parents.has(key) ? row : null;
  }
}
