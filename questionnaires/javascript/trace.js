// The trace of a result as plain JSON, the same that the server keeps: exact figures as fractions ("200/3"), stated
// ones as decimals with at most two places. What a profile does not use is left out.

import { Fraction } from "./fraction.js";

// `summary` for whoever may see the result, `sections` by key for whoever may see that section.
export function writeTrace(result, definition, profile) {
  const sections = definition.sections.map(({ key }) => [key, writeSection(result, key)]);
  return { format: "trace/1", summary: writeSummary(result, profile), sections: Object.fromEntries(sections) };
}

export function writeSummary(result, profile) {
  return {
    questionnaire: result.questionnaire,
    version: result.version,
    profile: result.profile,
    day: result.day,
    valid_until: result.validUntil,
    ...writeTier(result),
    earned_band: result.earnedBand,
    band: result.band,
    band_reason: result.bandReason,
    lower: result.lower.map(writeTier),
    ...(result.shortfalls.length > 0 ? { below_floor: result.shortfalls.map(writeShortfall) } : {}),
    rules: writeRules(profile),
  };
}

const state = (figure) => (figure === null ? null : Fraction.of(figure).round().toDecimal());
const exact = (figure) => (figure === null ? null : String(figure));
const decimal = (number) => Fraction.of(number).toDecimal();
const decimals = (numbers) =>
  Object.fromEntries(Object.entries(numbers).map(([key, number]) => [key, decimal(number)]));

const writeShortfall = ({ band, pillar, floor, score }) => ({ band, pillar, floor: state(floor), score: state(score) });

function writeTier({ tier, total, pillars, coverage, restsOn }) {
  return {
    tier,
    total: state(total),
    total_exact: exact(total),
    pillars: pillars.map(writePillar),
    coverage: state(coverage.times(100)),
    coverage_exact: exact(coverage),
    rests_on: restsOn,
  };
}

const writePillar = (pillar) => ({
  key: pillar.key,
  weight: exact(pillar.weight),
  state: pillar.state,
  score: state(pillar.score),
  score_exact: exact(pillar.score),
  na_share: exact(pillar.naShare),
  ...(pillar.added === null ? {} : { added: exact(pillar.added) }),
});

function writeRules({ max_na_share, sections = {}, bands, levels = [], capped_sum }) {
  return {
    rounding: "half up to hundredths, of the exact figure",
    max_na_share: decimal(max_na_share),
    sections: decimals(sections),
    bands: bands.map(({ key, min, requires_coverage = 0, floors = {} }) => ({
      key,
      min: decimal(min),
      requires_coverage: decimal(requires_coverage),
      ...(Object.keys(floors).length > 0 ? { floors: decimals(floors) } : {}),
    })),
    ...(levels.length > 0 ? { levels: levels.map(writeLevel) } : {}),
    ...(capped_sum ? { capped_sum: { cap: decimal(capped_sum.cap), better: capped_sum.better ?? "higher" } } : {}),
  };
}

const writeLevel = ({ key, weight, requires = 0 }) => ({ key, weight: decimal(weight), requires: decimal(requires) });

function writeSection(result, key) {
  const ofSection = ({ section }) => section === key;
  return {
    lines: result.lines.filter(ofSection).map(writeLine),
    critical: result.fired.filter(ofSection).map(({ rule, question, row, capBand }) => ({
      rule,
      question,
      row,
      cap_band: capBand,
    })),
    critical_open: result.open.filter(ofSection).map(({ section, ...rule }) => rule),
  };
}

const writeLine = ({ section, place, level, held, ...line }) => ({
  ...line,
  weight: exact(line.weight),
  points: exact(line.points),
  share: exact(line.share),
  ...(level === null ? {} : { level }),
  ...(held === null ? {} : { held: exact(held) }),
});
