# fmt: off
"""Recompute a score from an exported {definition, profile, tier, answers}, with Python alone: recompute.py < FILE"""
import json
import sys
from fractions import Fraction

TIERS, LIVE = ["micro", "basic", "standard", "advanced"], ("value", "unknown", "unanswered")
def compare(op, a, b):  # numbers are texts of digits in the export, dates sort as they stand
    a, b = (Fraction(a), Fraction(b)) if str(a).removeprefix("-").replace(".", "").isdigit() else (a, b)
    return {"eq": a == b, "gt": a > b, "gte": a >= b, "lt": a < b, "lte": a <= b}[op]

def holds(clause, seen):
    left, right, op = seen.get(clause["q"]), clause.get("value", True), clause["op"]
    if left is None or op in ("answered", "includes_any", "includes_all"):
        both = set(left or ()) & set(right) if isinstance(right, list) else True
        return left is not None and (len(both) == len(right) if op == "includes_all" else bool(both))
    return any(compare("eq", left, item) for item in right) if op == "in" else compare(op, left, right)

def pick(value):
    return [str(v).lower() if isinstance(v, bool) else v for v in (value if isinstance(value, list) else [value])]

def earn(way, value):
    if "points" in way or "sum" in way:
        return min(100, sum(Fraction(way.get("points", way.get("sum"))[key]) for key in pick(value)))
    if "bands" in way:
        return [0, *[Fraction(band["points"]) for band in way["bands"] if compare("lte", band["from"], value)]][-1]
    start, to = Fraction(way["ramp"]["from"]), Fraction(way["ramp"]["to"])
    return max(0, min(100, (Fraction(value) - start) / (to - start) * 100))

def visit(q, given, seen):  # an open answer is seen as ..., and what hangs on it alone is open too
    rule, clauses = next(iter(q.get("enable_when", {"all": []}).items()))
    met = [None if seen.get(clause["q"]) is ... else holds(clause, seen) for clause in clauses]
    ask = next((gate for gate in (rule == "any", None) if gate in met), rule == "all")
    entry = given.get(q["key"], {"state": "unanswered"}) if ask else {"state": "open" if ask is None else "disabled"}
    seen[q["key"]] = entry.get("value", None if entry["state"] in ("disabled", "not_applicable") else ...)
    return entry["state"], entry.get("value")

def walk(doc, tiers, answers, known):  # section, question, part of its weight, state and value of every place
    for section, question in [(s, q) for s in doc["sections"] for q in s["questions"] if q["tier"] in tiers]:
        state, value = visit(question, answers, known)
        yield section, question, 1, state, value
        needed = question.get("required") or question.get("repeat", {}).get("min")
        empty = "disabled" if state == "value" or (state == "unanswered" and not needed) else state
        rows = [(row["answers"], dict(known)) for row in value or []] if question["type"] == "group" else []
        for child in [child for child in question.get("questions", []) if child["tier"] in tiers]:
            cells = [visit(child, *row) for row in rows] or [(empty, None)]
            standing = sum(state not in ("declined", "disabled", "open") for state, _ in cells)
            yield from [(section, child, Fraction(1, standing or len(cells)), *cell) for cell in cells]

def average(lines, sections=()):  # of (section, weight, figure), by section where the profile weights sections
    own = {key: sum(weight for section, weight, _ in lines if section == key) for key, _, _ in lines}
    weights = {key: Fraction(dict(sections).get(key, own[key])) for key in own}
    return sum(weights[s] * w * x / own[s] for s, w, x in lines) / sum(weights.values()) if lines else None

def find_cap(r, order, state, value):  # index of the highest band that the rule leaves, -1 where nobody knows
    hit = compare(r["op"], value, r["value"]) if "op" in r and value else {*r.get("options", ())} & {*pick(value)}
    return order.index(r["cap_band"]) if hit else -1 if state in ("open", "declined", *LIVE[1:]) else len(order)

def recompute(definition, profile, tier, answers):
    keys, rules, area = [b["key"] for b in profile["bands"]], profile.get("critical", []), profile.get("sections", {})
    lines, caps, figures, limit = [], [len(keys)], {}, Fraction(profile["max_na_share"])
    for s, q, part, state, v in walk(definition, TIERS[: TIERS.index(tier) + 1], answers, {}):
        if w := profile["questions"].get(q["key"]):
            lines.append((s["pillar"], state, s["key"], Fraction(w["weight"]) * part, 0 if v is None else earn(w, v)))
        caps += [find_cap(rule, keys, state, v) for rule in rules if rule["question"] == q["key"]]
    for key in profile["pillars"]:
        mine = [line[1:] for line in lines if line[0] == key and line[1] in (*LIVE, "not_applicable")]
        absent = average([(s, w, 100 * (state not in LIVE)) for state, s, w, _ in mine], area) or 0
        figures[key] = average([x for state, *x in mine if state in LIVE], area) if absent <= limit else None
    total = average([("", Fraction(profile["pillars"][key]), x) for key, x in figures.items() if x is not None])
    known = [("", w, 100 * (state == "value")) for _, state, _, w, _ in lines if state in (*LIVE, "declined")]
    figures |= {"total": total, "coverage": average(known) or 0}
    stated = {key: None if x is None else Fraction(int(x * 100 + Fraction(1, 2)), 100) for key, x in figures.items()}
    fits = [band["key"] for band in profile["bands"] if total is not None and Fraction(band["min"]) <= stated["total"]
            and Fraction(band.get("requires_coverage", 0)) <= stated["coverage"]]
    band = keys[min(keys.index(fits[-1]), *caps)] if fits and min(caps) >= 0 else None
    return {key: None if x is None else f"{float(x):.2f}" for key, x in stated.items()} | {"band": band}

if __name__ == "__main__":
    print(json.dumps(recompute(**json.load(sys.stdin))))
