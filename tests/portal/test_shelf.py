"""What is kept in memory: the most recently used values."""

from portal.shelf import Shelf


def test_the_most_recently_used_are_kept() -> None:
    shelf: Shelf[str, str] = Shelf(2)
    shelf.keep("a", "A")
    shelf.keep("b", "B")
    assert shelf.find("a") == "A"
    shelf.keep("c", "C")
    assert [shelf.find(name) for name in ("a", "b", "c")] == ["A", None, "C"]
    assert len(shelf) == 2
    shelf.forget("a")
    shelf.forget("nobody")
    assert (shelf.find("a"), len(shelf)) == (None, 1)
