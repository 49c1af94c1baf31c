"""Recompute the score of an export from its answers, with Python alone: python3 recompute.py < submission.json"""
import json
import sys
from collections import Counter
from datetime import date
from fractions import Fraction

TIERS = ["micro", "basic", "standard", "advanced"]
COUNTED = ("value", "unknown", "unanswered")  # the states that weigh; of them only a value earns points

def holds(value, how, wanted):  # numbers stand as texts of digits, dates compare as they stand; None meets nothing
    if value is None or how == "answered": return value is not None
    if isinstance(wanted, list): return (all if how == "includes_all" else any)(holds(value, "eq", w) for w in wanted)
    if isinstance(value, list): return wanted in value
    if str(value).removeprefix("-").replace(".", "").isdigit(): value, wanted = Fraction(value), Fraction(wanted)
    return how in {-1: ("lt", "lte"), 0: ("lte", "eq", "gte"), 1: ("gte", "gt")}[(value > wanted) - (value < wanted)]

def visit(question, given, seen):  # its state and value; it stays open while nobody knows whether it is asked
    rule, clauses = next(iter(question.get("enable_when", {"all": []}).items()))
    met = [None if seen.get(c["q"]) is ... else holds(seen.get(c["q"]), c["op"], c.get("value", True)) for c in clauses]
    decisive = rule == "any"  # one clause that holds decides "any", one that does not decides "all"
    asked = decisive if decisive in met else None if None in met else not decisive
    unasked = {"state": "open" if asked is None else "disabled"}
    answer = given.get(question["key"], {"state": "unanswered"}) if asked else unasked
    state, value = answer["state"], answer.get("value")  # kept as None where it does not apply, as ... where unknown
    seen[question["key"]] = value if state == "value" else None if state in ("disabled", "not_applicable") else ...
    return state, str(value).lower() if isinstance(value, bool) else value

def walk(definition, tiers, answers, seen):  # section, question, part of its weight, state, value and all seen there
    for section, question in [(s, q) for s in definition["sections"] for q in s["questions"] if q["tier"] in tiers]:
        state, value = visit(question, answers, seen)
        yield section, question, 1, state, value, seen
        is_needed = question.get("required") or question.get("repeat", {}).get("min")
        empty = "disabled" if state == "value" or (state == "unanswered" and not is_needed) else state
        rows = [(row["answers"], dict(seen)) for row in value or []] if question["type"] == "group" else []
        for child in [child for child in question.get("questions", []) if child["tier"] in tiers]:
            cells = [(*visit(child, *row), row[1]) for row in rows] or [(empty, None, {})]  # rows share the weight
            sharing = sum(state not in ("declined", "disabled", "open") for state, *_ in cells) or len(cells)
            yield from [(section, child, Fraction(1, sharing), *cell) for cell in cells]

def earn(way, value):  # points from 0 to 100: by what was picked, of the last band reached, or along a ramp
    if "sum" in way: return min(100, sum(Fraction(way["sum"][option]) for option in value))
    if "points" in way: return Fraction(way["points"][value])
    if "bands" in way: return Fraction([0, *[b["points"] for b in way["bands"] if holds(value, "gte", b["from"])]][-1])
    start, end = Fraction(way["ramp"]["from"]), Fraction(way["ramp"]["to"])
    return max(0, min(100, (Fraction(value) - start) / (end - start) * 100))

def fade(points, decay, told, day, worse):  # evenly to those at the end, by the age of what was told, if it was told
    end, days = Fraction(decay.get("to", "0")), decay["days"]
    if not isinstance(told, str): return worse(points, end)
    age = min(days, max(0, (date.fromisoformat(day) - date.fromisoformat(told)).days))
    return points + (end - points) * age / days

def most(way, options):  # that any answer can earn
    alone = {option["key"] for option in options if option.get("exclusive")}
    picks = [[key for key in way.get("sum", {}) if key not in alone], *[[key] for key in alone]]
    found = [*way.get("points", {}).values(), *[band["points"] for band in way.get("bands", [])]]
    found += [earn(way, pick) for pick in picks] if "sum" in way else ["100"] if "ramp" in way else []
    return max(map(Fraction, [*found, *[d.get("to", "0") for d in [way.get("decay")] if d]]))

def close(lines, levels):  # no points where a measure of a lower level of the same section earned too little
    rank = {level["key"]: at for at, level in enumerate(levels)}
    def is_closed(section, name):
        below = [x for _, state, s, n, _, x in lines if s == section and state in COUNTED and rank[n] < rank[name]]
        return any(x < Fraction(levels[rank[name]].get("requires", "0")) for x in below)
    return [(*line[:5], 0 if is_closed(line[2], line[3]) else line[5]) for line in lines] if levels else lines

def average(lines, shares, levels):  # of (section, level, weight, points); sections and levels may have weights
    own, parts, inside = Counter(), Counter(), Counter()
    for section, level, weight, _ in lines: own[section, level] += weight
    for section, level in own:
        parts[section] += own[section, level]
        inside[section] += levels.get(level, 1)
    parts = {section: Fraction(shares.get(section, weight)) for section, weight in parts.items()}
    weighed = [parts[s] * levels.get(n, 1) / inside[s] * w * x / own[s, n] for s, n, w, x in lines]
    return sum(weighed) / sum(parts.values()) if lines else None

def recompute(export):  # the figures of pillars, total and coverage as an export states them, and the band
    profile, tiers, lines, caps = export["profile"], TIERS[: TIERS.index(export["tier"]) + 1], [], []
    bands, figures, shares = [band["key"] for band in profile["bands"]], {}, profile.get("sections", {})
    levels, adding, seen = profile.get("levels", []), profile.get("capped_sum"), {}
    sets, day = export["definition"].get("option_sets", {}), export["trace"]["summary"]["day"]
    for section, question, part, state, value, near in list(walk(export["definition"], tiers, export["answers"], seen)):
        if way := profile["questions"].get(question["key"]):
            options = question.get("options") or sets.get(question.get("options_ref"), [])
            worse = max if adding and adding.get("better") == "lower" else min
            unknown = most(way, options) if worse is max else 0
            points, decay = unknown if value is None else earn(way, value), value is not None and way.get("decay")
            if decay: points = fade(points, decay, {**seen, **near}.get(decay["date"]), day, worse)
            weight = Fraction(way["weight"]) * part
            lines.append((section["pillar"], state, section["key"], way.get("level"), weight, points))
        for rule in [rule for rule in profile.get("critical", []) if rule["question"] == question["key"]]:
            fires = holds(value, rule.get("op", "in"), rule.get("value", rule.get("options")))
            may_fire = state not in ("value", "not_applicable", "disabled")  # and then there is no band
            caps += [bands.index(rule["cap_band"])] if fires else [-1] if may_fire else []
    lines, weights = close(lines, levels), {level["key"]: Fraction(level["weight"]) for level in levels}
    for pillar in profile["pillars"]:  # without a figure where more does not apply than the profile allows
        mine = [line[1:] for line in lines if line[0] == pillar and line[1] in (*COUNTED, "not_applicable")]
        absent = average([(s, n, w, 100 * (state not in COUNTED)) for state, s, n, w, _ in mine], shares, weights) or 0
        counted = [line for state, *line in mine if state in COUNTED and absent <= Fraction(profile["max_na_share"])]
        figures[pillar] = average(counted, shares, weights)
        if adding and counted: figures[pillar] = min(Fraction(adding["cap"]), sum(w * x for _, _, w, x in counted))
    weighed = [("", "", Fraction(profile["pillars"][key]), x) for key, x in figures.items() if x is not None]
    covered = [(state, w) for _, state, _, _, w, _ in lines if state in (*COUNTED, "declined")]
    answered = [("", "", w, 100 * (state == "value")) for state, w in covered]
    figures |= {"total": average(weighed, {}, {}), "coverage": average(answered, {}, {}) or 0}
    figures = {key: x if x is None else f"{int(x * 100 + Fraction(1, 2)) / 100:g}" for key, x in figures.items()}
    asked = {line[0] for line in lines}
    fits = [rank for rank, band in enumerate(profile["bands"]) if holds(figures["total"], "gte", band["min"])
            and holds(figures["coverage"], "gte", band.get("requires_coverage", "0"))
            and all(holds(figures[key], "gte", floor) for key, floor in band.get("floors", {}).items() if key in asked)]
    return figures | {"band": [*bands, None][min([max(fits, default=-1), *caps])]}  # the last that fits, or a cap

if __name__ == "__main__":
    figures, stated = recompute(export := json.load(sys.stdin)), export["trace"]["summary"]
    stated |= {pillar["key"]: pillar["score"] for pillar in stated["pillars"]}
    print(*(f"{key}: {figure}" for key, figure in figures.items()), sep="\n")
    wrong = [f"{key} {stated.get(key)}" for key, figure in figures.items() if figure != stated.get(key)]
    sys.exit(f"The export states other figures: {', '.join(wrong)}." if wrong else print("The export states the same."))
