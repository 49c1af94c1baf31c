"""What somebody reads who reads the message of a failure alone."""

from portal.errors import FieldProblem, InvalidInput, write_keys


def make_problem(path: str, message: str) -> FieldProblem:
    return FieldProblem(("text", *write_keys([path])), "FAULTY", message)


def test_reasons_are_sentences_and_name_their_place_once() -> None:
    problems = [
        make_problem("title", "text: it has the placeholders {a}; allowed: none"),
        make_problem("questions.gone.title", "line 4: entry questions.gone.title: no version has a text at this path"),
        make_problem("description", "Too long."),
        make_problem("tiers", "a link"),
    ]
    assert InvalidInput("Nothing was taken in.", problems=problems).message == (
        "Nothing was taken in. title: text: it has the placeholders {a}; allowed: none."
        " line 4: entry questions.gone.title: no version has a text at this path."
        " description: Too long. 1 more stand in `problems`."
    )
    one = InvalidInput("Nothing was taken in.", problems=problems[3:])
    assert (one.message, one.path) == ("Nothing was taken in. a link.", ("text", "tiers"))
