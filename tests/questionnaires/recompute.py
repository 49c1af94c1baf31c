"""Recompute the score of an export from its answers, with Python alone: python3 recompute.py < submission.json"""
import json
import sys
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

def walk(definition, tiers, answers, seen):  # section, question, part of its weight, state and value of every place
    for section, question in [(s, q) for s in definition["sections"] for q in s["questions"] if q["tier"] in tiers]:
        state, value = visit(question, answers, seen)
        yield section, question, 1, state, value
        is_needed = question.get("required") or question.get("repeat", {}).get("min")
        empty = "disabled" if state == "value" or (state == "unanswered" and not is_needed) else state
        rows = [(row["answers"], dict(seen)) for row in value or []] if question["type"] == "group" else []
        for child in [child for child in question.get("questions", []) if child["tier"] in tiers]:
            cells = [visit(child, *row) for row in rows] or [(empty, None)]  # rows that count share the weight
            sharing = sum(state not in ("declined", "disabled", "open") for state, _ in cells) or len(cells)
            yield from [(section, child, Fraction(1, sharing), *cell) for cell in cells]

def earn(way, value):  # points from 0 to 100: by what was picked, of the last band reached, or along a ramp
    if value is None: return 0
    if "sum" in way: return min(100, sum(Fraction(way["sum"][option]) for option in value))
    if "points" in way: return Fraction(way["points"][value])
    if "bands" in way: return Fraction([0, *[b["points"] for b in way["bands"] if holds(value, "gte", b["from"])]][-1])
    start, end = Fraction(way["ramp"]["from"]), Fraction(way["ramp"]["to"])
    return max(0, min(100, (Fraction(value) - start) / (end - start) * 100))

def average(lines, shares):  # of (section, weight, points); the profile may say what whole sections weigh
    own = {key: sum(weight for section, weight, _ in lines if section == key) for key, _, _ in lines}
    parts = {key: Fraction(shares.get(key, own[key])) for key in own}
    return sum(parts[s] * w * points / own[s] for s, w, points in lines) / sum(parts.values()) if lines else None

def recompute(export):  # the figures of pillars, total and coverage as an export states them, and the band
    profile, tiers, lines, caps = export["profile"], TIERS[: TIERS.index(export["tier"]) + 1], [], []
    bands, figures, shares = [band["key"] for band in profile["bands"]], {}, profile.get("sections", {})
    for section, question, part, state, value in walk(export["definition"], tiers, export["answers"], {}):
        if way := profile["questions"].get(question["key"]):
            lines.append((section["pillar"], state, section["key"], Fraction(way["weight"]) * part, earn(way, value)))
        for rule in [rule for rule in profile.get("critical", []) if rule["question"] == question["key"]]:
            fires = holds(value, rule.get("op", "in"), rule.get("value", rule.get("options")))
            may_fire = state not in ("value", "not_applicable", "disabled")  # and then there is no band
            caps += [bands.index(rule["cap_band"])] if fires else [-1] if may_fire else []
    for pillar in profile["pillars"]:  # without a figure where more does not apply than the profile allows
        mine = [line[1:] for line in lines if line[0] == pillar and line[1] in (*COUNTED, "not_applicable")]
        absent = average([(s, w, 100 * (state not in COUNTED)) for state, s, w, _ in mine], shares) or 0
        counted = [line for state, *line in mine if state in COUNTED and absent <= Fraction(profile["max_na_share"])]
        figures[pillar] = average(counted, shares)
    weighed = [("", Fraction(profile["pillars"][key]), x) for key, x in figures.items() if x is not None]
    answered = [("", w, 100 * (state == "value")) for _, state, _, w, _ in lines if state in (*COUNTED, "declined")]
    figures |= {"total": average(weighed, {}), "coverage": average(answered, {}) or 0}
    figures = {key: x if x is None else f"{int(x * 100 + Fraction(1, 2)) / 100:g}" for key, x in figures.items()}
    fits = [rank for rank, band in enumerate(profile["bands"]) if holds(figures["total"], "gte", band["min"])
            and holds(figures["coverage"], "gte", band.get("requires_coverage", "0"))]
    return figures | {"band": [*bands, None][min([max(fits, default=-1), *caps])]}  # the last that fits, or a cap

if __name__ == "__main__":
    figures, stated = recompute(export := json.load(sys.stdin)), export["trace"]["summary"]
    stated |= {pillar["key"]: pillar["score"] for pillar in stated["pillars"]}
    print(*(f"{key}: {figure}" for key, figure in figures.items()), sep="\n")
    wrong = [f"{key} {stated.get(key)}" for key, figure in figures.items() if figure != stated.get(key)]
    sys.exit(f"The export states other figures: {', '.join(wrong)}." if wrong else print("The export states the same."))
