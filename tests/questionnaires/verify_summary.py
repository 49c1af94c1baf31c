"""Check a signed summary with Python alone: python3 verify_summary.py summary.jws jwks.json [section.json ...]"""
import base64
import hashlib
import json
import sys
from datetime import UTC, date, datetime
from pathlib import Path

P = 2**255 - 19  # Ed25519, after RFC 8032
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT = pow(2, (P - 1) // 4, P)  # of -1

def find_x(y, sign):  # of the point with this y, none where there is no such point
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P: x = x * ROOT % P
    if y >= P or (x * x - square) % P or (x == 0 and sign): return None
    return x if x % 2 == sign else P - x

def add(a, b):  # two points as (X, Y, Z, T) with x = X/Z, y = Y/Z, xy = T/Z
    e, f = (a[1] - a[0]) * (b[1] - b[0]) % P, (a[1] + a[0]) * (b[1] + b[0]) % P
    g, h = 2 * a[3] * b[3] * D % P, 2 * a[2] * b[2] % P
    e, f, g, h = f - e, h - g, h + g, f + e
    return e * f % P, g * h % P, f * g % P, e * h % P

def times(number, point):
    total = (0, 1, 1, 0)
    while number:
        if number & 1: total = add(total, point)
        point, number = add(point, point), number >> 1
    return total

def read_point(data):
    number = int.from_bytes(data, "little")
    y, sign = number & (2**255 - 1), number >> 255
    x = find_x(y, sign)
    return None if x is None else (x, y, 1, x * y % P)

def holds(key, message, signature):
    if len(key) != 32 or len(signature) != 64: return False
    public, start, s = read_point(key), read_point(signature[:32]), int.from_bytes(signature[32:], "little")
    if public is None or start is None or s >= ORDER: return False
    k = int.from_bytes(hashlib.sha512(signature[:32] + key + message).digest(), "little") % ORDER
    y = 4 * pow(5, P - 2, P) % P
    one = (find_x(y, 0), y, 1, find_x(y, 0) * y % P)
    left, right = times(s, one), add(start, times(k, public))
    return all((left[i] * right[2] - right[i] * left[2]) % P == 0 for i in (0, 1))

def decode(text): return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))

def canonical(value):  # RFC 8785 for what stands here: no number but whole ones
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()

def digest(mark, salt, content): return hashlib.sha256(mark + bytes.fromhex(salt) + content).hexdigest()

def list_digests(value):
    if isinstance(value, dict) and set(value) == {"digest"}: return {value["digest"]}
    if isinstance(value, dict): return list_digests([*value.values()])
    return set().union(*map(list_digests, value)) if isinstance(value, list) else set()

def check_signature(jws, jwks):  # the summary, or an end with the reason
    head, body, signature = jws.strip().split(".")
    header, keys = json.loads(decode(head)), {key["kid"]: key for key in jwks["keys"]}
    if header.get("alg") != "Ed25519": sys.exit(f"The signature is of the kind {header.get('alg')}, not Ed25519.")
    key = keys.get(header.get("kid"))
    if key is None: sys.exit(f"The key {header.get('kid')} is not among those given.")
    is_ours = (key.get("kty"), key.get("crv"), header.get("typ")) == ("OKP", "Ed25519", "summary+jws")
    if not (is_ours and holds(decode(key["x"]), f"{head}.{body}".encode(), decode(signature))):
        sys.exit("The signature does not hold: summary or signature was changed.")
    return json.loads(decode(body))

def check_summary(summary, day):
    submitted, last = (date.fromisoformat(summary[name]) for name in ("submitted_on", "valid_until"))
    if not submitted <= day <= last: yield f"It is valid from {submitted} to {last}, not on {day}."
    if summary["state"] == "withdrawn": yield "It was withdrawn by its supplier."
    tree = {"header": summary["header"], "sections": summary["sections"]}
    roots = [digest(b"\1", "", canonical({"format": name, **tree})) for name in ("seal/1", "seal/2")]
    if summary["root"] not in roots: yield "Header or sections do not fit the root."

def check_section(summary, section):
    key, content = section["section"], section["content"]
    found = digest(b"\0", section["salt"], canonical(content))
    if section["submission"] != summary["submission"]: yield f"Section {key} belongs to another submission."
    if content["section"] != key or summary["sections"].get(key) != found:
        yield f"Section {key}: answers, trace or files were changed."
    known, secrets = list_digests(content), section["secrets"]
    hashed = {name: digest(b"\2", one["salt"], one["text"].encode()) for name, one in secrets.items()}
    right = {name: one["text"] for name, one in secrets.items() if hashed[name] == name}
    files = content["files"]
    if isinstance(files, dict) and files["digest"] in right:  # a list of its own, with digests in it
        known |= list_digests(json.loads(right[files["digest"]]))
    for name in secrets.keys() - (right.keys() & known):
        yield f"Section {key}: a text or file does not fit its digest {name}."

if __name__ == "__main__":
    jws, jwks, *sections = (Path(path).read_text(encoding="utf-8") for path in sys.argv[1:])
    summary = check_signature(jws, json.loads(jwks))
    wrong = list(check_summary(summary, datetime.now(UTC).date()))
    wrong += [fault for text in sections for fault in check_section(summary, json.loads(text))]
    if wrong: sys.exit("\n".join(wrong))
    shown = ("issuer", "organization", "questionnaire", "version", "tier", "total", "band", "valid_until", "state")
    print(*(f"{name}: {summary[name]}" for name in shown), sep="\n")
    print(f"The signature holds; of its {len(summary['sections'])} sections {len(sections)} were given and fit.")
