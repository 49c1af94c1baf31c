"""Who may know which word: a plain model of what tenants wrote, told each other and share for now."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

WORD = re.compile(r"zx([sb]\d)n(\d+)xz")
SECTIONS = ("facts", "labour", "safety")
PLACES = {"remark": "facts", "fees_repaid": "labour", "trained": "labour", "exits_locked": "safety"}


@dataclass
class Written:
    """Whose a word is, and to whom it was said for good."""

    owner: str
    act: str
    told: set[str] = field(default_factory=set)
    is_name: bool = False  # of an organization: whoever is linked with it knows it
    shares: set[str] = field(default_factory=set)  # said by these shares, to whom they are for


@dataclass
class Work:
    """An assessment or, once it is frozen, a submission: its words by section, and its documents."""

    supplier: str
    place: int = 0  # in the order of submissions
    texts: dict[str, tuple[str, ...]] = field(default_factory=dict)  # by question; a later answer takes the place
    documents: dict[str, list[str]] = field(default_factory=dict)  # by question
    said: dict[str, list[str]] = field(default_factory=dict)  # by section: what readers and the supplier said of it
    is_withdrawn: bool = False

    def freeze(self, place: int) -> "Work":
        documents = {question: list(found) for question, found in self.documents.items()}
        return Work(self.supplier, place, dict(self.texts), documents)

    def list_words(self, section: str) -> Iterator[str]:
        for question, words in self.texts.items():
            if PLACES[question] == section:
                yield from words
        yield from self.said.get(section, ())


@dataclass
class Share:
    """What a supplier opens for a buyer."""

    supplier: str
    buyer: str
    submission: str
    follows: bool
    sections: tuple[str, ...]
    with_documents: bool
    is_live: bool = True


@dataclass
class Model:
    """Everything that was written, and who is connected with whom by what."""

    words: dict[str, Written] = field(default_factory=dict)
    links: set[tuple[str, str]] = field(default_factory=set)  # buyer and supplier
    drafts: dict[str, Work] = field(default_factory=dict)
    submissions: dict[str, Work] = field(default_factory=dict)
    documents: dict[str, list[str]] = field(default_factory=dict)  # the words of each
    shares: dict[str, Share] = field(default_factory=dict)
    wide: set[tuple[str, str]] = field(default_factory=set)  # readers and words that were open at any time

    def mint(self, owner: str, act: str) -> str:
        """A word that stands nowhere else."""
        word = f"zx{owner}n{len(self.words)}xz"
        self.words[word] = Written(owner, act)
        return word

    def tell(self, reader: str, *words: str) -> None:
        for word in words:
            self.words[word].told.add(reader)

    def are_linked(self, one: str, other: str) -> bool:
        return (one, other) in self.links or (other, one) in self.links

    def covers(self, share: Share, name: str) -> bool:
        """Whether a share is for this submission."""
        work = self.submissions[name]
        if work.is_withdrawn or work.supplier != share.supplier:
            return False
        return name == share.submission or (share.follows and work.place >= self.submissions[share.submission].place)

    def list_open(self, reader: str) -> Iterator[tuple[Share, str]]:
        """The submissions that a buyer may read something of now, by name."""
        for share in self.shares.values():
            if share.is_live and share.buyer == reader:
                yield from ((share, name) for name in self.submissions if self.covers(share, name))

    def list_known(self, reader: str) -> set[str]:
        """What a reader may know now."""
        known = {word for word, one in self.words.items() if reader == one.owner or reader in one.told}
        known |= {word for word, one in self.words.items() if one.is_name and self.are_linked(reader, one.owner)}
        for share_id, share in self.shares.items():
            if share.is_live and share.buyer == reader:
                known |= {word for word, one in self.words.items() if share_id in one.shares}
        for share, name in self.list_open(reader):
            work = self.submissions[name]
            known |= {word for section in share.sections for word in work.list_words(section)}
            if share.with_documents:  # all of them, those of sections that are not named too
                known |= {word for found in work.documents.values() for one in found for word in self.documents[one]}
        self.wide |= {(reader, word) for word in known}
        return known

    def list_foreign(self, reader: str | None, texts: Iterable[str], *, ever: bool = False) -> set[str]:
        """The words in texts that a reader may not know; `ever` is for what may have been sent a while ago."""
        found = {match.group() for text in texts for match in WORD.finditer(text.lower())}
        if not found or reader is None:
            return found
        known = self.list_known(reader)
        return {word for word in found - known if not (ever and (reader, word) in self.wide)}

    def describe(self, word: str) -> str:
        one = self.words.get(word)
        return word if one is None else f"{word}, which {one.owner} wrote by {one.act}"
