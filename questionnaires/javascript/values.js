// The one spelling of a value, so that equal values are equal texts: "1.0" is "1", options stand in the order of the
// questionnaire. Numbers travel as texts, since a number of JSON is a double.

import { CHOICES, NUMBERS } from "./definition.js";
import { Fraction } from "./fraction.js";
import { refuse } from "./places.js";
import { countCharacters, trimBlanks, UNREADABLE } from "./texts.js";

const MAX_TEXT = 10_000;
const MAX_DIGITS = 20;
const NUMBER = /^[+-]?\p{Nd}{1,40}(\.\p{Nd}{1,40})?$/u;

// {value}, or {problem} where it is none.
export function readValue(definition, question, raw, { row = null, unit = null } = {}) {
  const fail = (code, parameters) => ({ problem: refuse(code, question.key, row, parameters) });
  const own = question.unit ?? (question.type === "percent" ? "percent" : null);
  if (unit !== null && unit !== own) return fail("wrong_unit", { unit, expected: question.unit ?? "none" });
  if (NUMBERS.has(question.type)) return readNumber(question, raw, fail);
  if (CHOICES.has(question.type)) return readChoice(definition, question, raw, fail);
  switch (question.type) {
    case "text":
      return readText(raw, fail);
    case "boolean":
      return typeof raw === "boolean" ? { value: raw } : fail("wrong_type", { expected: "true or false" });
    case "date":
      return isDay(raw) ? { value: raw } : fail("wrong_type", { expected: "a date such as 2026-01-31" });
    default:
      return readGroup(raw, row, fail);
  }
}

function readNumber(question, raw, fail) {
  const isWhole = question.type === "integer";
  const text = Number.isSafeInteger(raw) || typeof raw === "bigint" ? String(raw) : raw;
  if (typeof text !== "string" || !NUMBER.test(text)) {
    return fail("wrong_type", { expected: isWhole ? "a whole number such as 12" : "a number such as 12 or 0.5" });
  }
  const value = Fraction.of(writeDigits(text)).toDecimal();
  if (value.replace(/\D/g, "").length > MAX_DIGITS) return fail("number_too_long", { max: String(MAX_DIGITS) });
  return isWhole && value.includes(".") ? fail("not_whole", { value }) : { value };
}

// A phone may type the digits of any script; the one spelling is in 0 to 9.
const writeDigits = (text) => text.replace(/^\+/, "").replace(/\p{Nd}/gu, readDigit);

// Digits of one script are ten neighbors, and scripts whose digits touch come in tens too.
function readDigit(character) {
  const code = character.codePointAt(0);
  let first = code;
  while (/^\p{Nd}$/u.test(String.fromCodePoint(first - 1))) first -= 1;
  return String((code - first) % 10);
}

function readChoice(definition, question, raw, fail) {
  const keys = definition.optionsOf(question).map((option) => option.key);
  const single = question.type === "choice";
  const chosen = single ? [raw] : raw;
  if (!Array.isArray(chosen) || chosen.length === 0 || !chosen.every((item) => typeof item === "string")) {
    const expected = single ? "the key of one option" : "a list with the key of at least one option";
    return fail("wrong_type", { expected });
  }
  const unknown = chosen.find((item) => !keys.includes(item));
  if (unknown !== undefined) {
    return fail("unknown_option", { value: [...unknown].slice(0, 100).join(""), allowed: keys.join(", ") });
  }
  return { value: single ? raw : keys.filter((key) => chosen.includes(key)) };
}

function readText(raw, fail) {
  if (typeof raw !== "string" || trimBlanks(raw) === "") {
    return fail("wrong_type", { expected: "a text that is not empty" });
  }
  if (UNREADABLE.test(raw)) return fail("text_unreadable", {});
  const value = trimBlanks(raw.replaceAll("\r\n", "\n"));
  const length = countCharacters(value);
  return length > MAX_TEXT ? fail("text_too_long", { length: `${length}`, max: `${MAX_TEXT}` }) : { value };
}

function isDay(raw) {
  if (typeof raw !== "string" || !/^\d{4}-\d{2}-\d{2}$/.test(raw) || raw.startsWith("0000")) return false;
  const day = new Date(`${raw}T00:00:00Z`);
  return !Number.isNaN(day.getTime()) && day.toISOString().slice(0, 10) === raw;
}

function readGroup(raw, row, fail) {
  if (row !== null) {
    return raw === true || raw === null ? { value: true } : fail("wrong_type", { expected: "true for a row" });
  }
  const expected = "an empty list, which says that there are none";
  return Array.isArray(raw) && raw.length === 0 ? { value: [] } : fail("wrong_type", { expected });
}
