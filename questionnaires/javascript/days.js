// Days as ISO texts, counted in UTC, where every day has 24 hours.

const DAY = 24 * 60 * 60 * 1000;

const countFrom = (text) => Date.parse(`${text}T00:00:00Z`) / DAY;

export const addDays = (text, days) => new Date((countFrom(text) + days) * DAY).toISOString().slice(0, 10);

export const daysBetween = (one, other) => Math.abs(countFrom(one) - countFrom(other));
