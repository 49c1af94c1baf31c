"""Names that nobody bears: made of syllables, and marked as made up wherever a company is named."""

from collections.abc import Iterator

from portal.demo import chance

MARK = "(made up)"
_STARTS = (
    *("Bra", "Cor", "Dul", "Fen", "Gri", "Hol", "Jun", "Kes", "Lor", "Mav", "Nib"),
    *("Ost", "Pru", "Quil", "Ros", "Sab", "Tam", "Ulv", "Ves", "Wen", "Yar", "Zim"),
)
_MIDDLES = ("ba", "de", "fi", "go", "la", "mi", "no", "ra", "si", "tu", "ve", "zo")
_ENDS = ("bel", "dorn", "fax", "grove", "lin", "mor", "nack", "quist", "ren", "tal", "vik", "wick")
_FIRST = (
    *("Ada", "Bao", "Chidi", "Dalia", "Emre", "Farah", "Goran", "Hana", "Ines", "Jomo", "Kavya", "Luis", "Mei"),
    *("Nadia", "Omar", "Pilar", "Quang", "Rosa", "Selim", "Tala", "Uma", "Viktor", "Wanjiru", "Ximena", "Yusuf"),
)
_LAST = ("Example", "Sample", "Specimen")


def draw_words() -> Iterator[str]:
    """Invented words, each once."""
    source = chance.draw("words")
    words = [start + middle + end for start in _STARTS for middle in _MIDDLES for end in _ENDS]
    source.shuffle(words)
    return iter(words)


def name_company(word: str, trade: str) -> str:
    """A company's name that says of itself that it is made up."""
    return f"{word} {trade} {MARK}"


def name_person(*about: object) -> str:
    """A person's name."""
    source = chance.draw("person", *about)
    return f"{source.choice(_FIRST)} {source.choice(_LAST)}"


def make_domain(word: str) -> str:
    """A domain below .example, which is kept for examples and leads nowhere."""
    return f"{word.lower()}.example"
