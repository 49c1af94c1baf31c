// Texts as every client must see them alike.

// What neither PostgreSQL nor UTF-8 can hold.
export const UNREADABLE = /[\0\ud800-\udfff]/u;

// The blanks of Unicode, spelled out: String.prototype.trim has another list than other languages have.
const BLANKS = "[\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]+";
const OUTER_BLANKS = new RegExp(`^${BLANKS}|${BLANKS}$`, "gu");

export const trimBlanks = (text) => text.replace(OUTER_BLANKS, "");

// Code points, not halves of surrogate pairs.
export const countCharacters = (text) => [...text].length;
