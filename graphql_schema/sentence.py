"""A sentence of ours that goes with a code, and the language that it is in."""

from dataclasses import dataclass

from graphql_schema import language
from graphql_schema.language import TextSource
from graphql_schema.scalars import Locale
from portal.assessments import writes
from questionnaires import reasons
from questionnaires.answers import Problem

LOCALE = "The language of the sentence."
SOURCE = "Whose words the sentence is in; MISSING where it is in English for want of a translation."


@dataclass(frozen=True)
class Sentence:
    """A text with what the surface says of each."""

    text: str
    locale: Locale
    source: TextSource


def tell_change(code: str, locale: str) -> Sentence:
    """The sentence of a change, of taking over or of comparing; raises KeyError for a code that has none."""
    spoken = reasons.find_speaker(code, locale)
    return Sentence(reasons.write_sentence(code, locale), Locale(spoken), language.find_source(spoken, locale))


def tell_problem(problem: Problem, locale: str) -> Sentence:
    """The sentence of a problem of an answer."""
    spoken = writes.find_speaker(problem, locale)
    text = writes.make_readable(writes.write_message(problem, locale), 2_000)
    return Sentence(text, Locale(spoken), language.find_source(spoken, locale))
