// Levels of a section: a higher one counts only where each measure below it earns enough. What does not count (not
// applicable, declined, closed) stands in nobody's way.

import { ZERO } from "./fraction.js";

// The lines with the points of closed levels held back, section by section.
export function closeLevels(profile, lines) {
  const levels = profile.levels ?? [];
  const rankOf = new Map(levels.map(({ key }, rank) => [key, rank]));
  return lines.map((line) => {
    const rank = rankOf.get(line.level);
    if (!rank || line.points === null) return line;
    const isBelow = (other) => other.section === line.section && rankOf.get(other.level) < rank;
    const fallsShort = ({ points }) => points !== null && points.compare(levels[rank].requires ?? 0) < 0;
    const blocking = lines.find((other) => isBelow(other) && fallsShort(other));
    if (!blocking) return line;
    return { ...line, points: ZERO, held: line.points, why: { ...line.why, closed_by: blocking.question } };
  });
}

// A line as it was before its level was looked at.
export function release(line) {
  if (line.held === null) return line;
  const { closed_by: _, ...why } = line.why;
  return { ...line, points: line.held, held: null, why };
}
