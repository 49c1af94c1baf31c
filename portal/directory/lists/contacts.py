"""Contacts in a list: e-mail addresses that could be delivered to, and the language to write in."""

from __future__ import annotations

import re
import unicodedata

from portal.directory import letters

_LONGEST_EMAIL = 254
_LONGEST_NAME = 200
_LONGEST_LOCAL_PART = 64
_LOCAL = re.compile(r"[^\s@<>()\[\]\\,;:\"\x00-\x20\x7f]+")
_LABEL = re.compile(r"(?!-)[^\W_](?:[\w-]{0,61}[^\W_])?")
_ADDRESS = re.compile(r"[^\s<>()\[\],;:|/、\"']+@[^\s<>()\[\],;:|/、\"']+")
_LABELS = re.compile(r"\b(?:mailto|e-?mails?|mail|邮箱)\s*:", re.IGNORECASE)
_AROUND = " \t\"'<>()[],;:|/、-–"
_LOCALE = re.compile(r"^([a-z]{2,3})(?:[-_]([a-z]{4}))?(?:[-_]([a-z]{2}|\d{3}))?$", re.IGNORECASE)

_LANGUAGES = {
    "ar": "arabic|العربية|arabe|arabisch|árabe|arabo",
    "bg": "bulgarian|български|bulgarisch",
    "bn": "bengali|bangla|বাংলা",
    "cs": "czech|čeština|tschechisch|český",
    "da": "danish|dansk|dänisch",
    "de": "german|deutsch|allemand|alemán|alemão|tedesco|duits|niemiecki|almanca|德语|ドイツ語",
    "el": "greek|ελληνικά|griechisch",
    "en": "english|englisch|anglais|inglés|inglês|inglese|engels|angielski|ingilizce|英语|英文|英語|tiếng anh",
    "es": "spanish|español|spanisch|espagnol|espanhol|spagnolo|spaans|hiszpański|castellano|西班牙语",
    "et": "estonian|eesti",
    "fa": "persian|farsi|فارسی",
    "fi": "finnish|suomi",
    "fr": "french|français|französisch|francés|francês|francese|frans|francuski|fransızca|法语",
    "he": "hebrew|עברית",
    "hi": "hindi|हिन्दी",
    "hr": "croatian|hrvatski",
    "hu": "hungarian|magyar|ungarisch",
    "id": "indonesian|bahasa indonesia|bahasa",
    "it": "italian|italiano|italienisch|italien|italiaans|włoski|italyanca",
    "ja": "japanese|日本語|japanisch|日语|日文|tiếng nhật",
    "km": "khmer|ខ្មែរ|cambodian",
    "ko": "korean|한국어|koreanisch|韩语",
    "lo": "lao|laotian",
    "lt": "lithuanian|lietuvių",
    "lv": "latvian|latviešu",
    "ms": "malay|bahasa melayu",
    "my": "burmese|မြန်မာ",
    "nb": "norwegian|norsk|bokmål",
    "ne": "nepali|नेपाली",
    "nl": "dutch|nederlands|niederländisch|néerlandais|neerlandés|holandés",
    "pl": "polish|polski|polnisch|polonais|polaco",
    "pt": "portuguese|português|portugiesisch|portugais|portugués|portoghese",
    "ro": "romanian|română|rumänisch",
    "ru": "russian|русский|russisch|russe|ruso",
    "si": "sinhala|sinhalese|සිංහල",
    "sk": "slovak|slovenčina",
    "sl": "slovenian|slovenščina",
    "sr": "serbian|српски|srpski",
    "sv": "swedish|svenska|schwedisch",
    "sw": "swahili|kiswahili",
    "ta": "tamil|தமிழ்",
    "th": "thai|ไทย|ภาษาไทย",
    "tr": "turkish|türkçe|türkisch|turc|turco",
    "uk": "ukrainian|українська",
    "ur": "urdu|اردو",
    "uz": "uzbek",
    "vi": "vietnamese|tiếng việt|vietnamesisch|越南语",
    "zh": "chinese|中文|汉语|mandarin|chinesisch|chinois|chino|普通话|tiếng trung",
    "zh-Hans": "simplified chinese|chinese (simplified)|简体中文|简体",
    "zh-Hant": "traditional chinese|chinese (traditional)|繁體中文|繁体中文",
}
_BY_NAME = {letters.compact(name): code for code, names in _LANGUAGES.items() for name in names.split("|")}
KNOWN_LANGUAGES = frozenset(code for code in _LANGUAGES if "-" not in code) | {"no", "nn", "ca", "eu", "gl", "mk", "sq"}


def find_emails(text: str) -> tuple[str, ...]:
    """The well-formed addresses in a cell, which may hold several, names in front of them or "mailto:"."""
    candidates = (match.strip(".") for match in _ADDRESS.findall(_widen(text)))
    return tuple(dict.fromkeys(_lower_domain(candidate) for candidate in candidates if is_email(candidate)))


def find_name(text: str) -> str | None:
    """The name in front of an address, as in "Name <address>" or "Name, address, telephone"; or None."""
    shown = _widen(text)
    match = _ADDRESS.search(shown)
    name = letters.clean(shown[: match.start()]).strip(_AROUND) if match else ""
    return name if 1 < len(name) <= _LONGEST_NAME and not any(map(str.isdigit, name)) else None


def _widen(text: str) -> str:
    """Text with the signs of Chinese and Japanese keyboards in their usual width, and without "E-mail:"."""
    return _LABELS.sub(" ", unicodedata.normalize("NFKC", text))


def is_email(text: str) -> bool:
    """Whether a mail server could know this address: one @, a plain local part, and a domain with a dot."""
    local, at, domain = text.rpartition("@")
    if not at or len(text) > _LONGEST_EMAIL or not 0 < len(local) <= _LONGEST_LOCAL_PART:
        return False
    if not _LOCAL.fullmatch(local) or local.startswith(".") or local.endswith(".") or ".." in local:
        return False
    labels = domain.split(".")
    return len(labels) > 1 and all(map(_LABEL.fullmatch, labels)) and not labels[-1].isdigit() and len(labels[-1]) > 1


def read_locale(text: str) -> str | None:
    """The language tag (BCP 47: "en", "pt-BR", "zh-Hant") that a code or a language's name means, or None."""
    shown = letters.clean(text[:60])
    named = _BY_NAME.get(letters.compact(shown))
    if named:
        return named
    match = _LOCALE.match(shown)
    if not match or match[1].lower() not in KNOWN_LANGUAGES:
        return None
    parts = (match[1].lower(), match[2].title() if match[2] else None, match[3].upper() if match[3] else None)
    return "-".join(part for part in parts if part)


def _lower_domain(address: str) -> str:
    local, _, domain = address.rpartition("@")
    return f"{local}@{domain.lower()}"
