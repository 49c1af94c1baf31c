"""Secrets at rest open for whom and what they were sealed, with the key that sealed them, and in no other way."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal import errors, sealing
from portal.sealing import Sealer
from portal.settings import Settings

OWNER, OTHER = UUID(int=1), UUID(int=2)


@given(st.binary(max_size=200))
def test_what_is_sealed_opens(secret: bytes) -> None:
    sealer = Sealer(("a key of some length",))
    sealed = sealer.seal("factor", OWNER, secret)
    assert sealer.open("factor", OWNER, sealed) == secret
    assert sealer.seal("factor", OWNER, secret) != sealed
    assert len(secret) < 4 or secret.hex() not in sealed


@pytest.mark.parametrize(
    ("keys", "purpose", "owner"),
    [
        (("another key",), "factor", OWNER),
        (("a key",), "webhook", OWNER),
        (("a key",), "factor", OTHER),
    ],
)
def test_it_opens_with_no_other_key_for_nobody_else_and_for_nothing_else(
    keys: tuple[str, ...], purpose: str, owner: UUID
) -> None:
    sealed = Sealer(("a key",)).seal("factor", OWNER, b"secret")
    with pytest.raises(errors.SetupError, match="PORTAL_FORMER_SECRET_KEYS"):
        Sealer(keys).open(purpose, owner, sealed)


SEALED = Sealer(("a key",)).seal("factor", OWNER, b"secret")


# The last letter has bits that mean nothing; each seal is another, so a draw must not depend on its letters.
@given(st.integers(0, len(SEALED) - 2), st.permutations("aA0_."))
def test_a_sealed_secret_that_was_changed_does_not_open(place: int, letters: list[str]) -> None:
    sealer, sealed = Sealer(("a key",)), SEALED
    changed = next(one for one in letters if one != sealed[place])
    with pytest.raises(errors.SetupError):
        sealer.open("factor", OWNER, sealed[:place] + changed + sealed[place + 1 :])


def test_an_older_key_still_opens_and_the_newest_seals() -> None:
    before, newest = Sealer(("old",)).seal("factor", OWNER, b"secret"), "new" * 11
    sealer = sealing.open_sealer(Settings(secret_key=newest, former_secret_keys="older, old,"))
    assert sealer.secret_keys == (newest, "older", "old")
    assert sealer.open("factor", OWNER, before) == b"secret"
    assert not sealer.is_newest("factor", OWNER, before)
    assert sealer.is_newest("factor", OWNER, sealer.seal("factor", OWNER, b"secret"))


@pytest.mark.parametrize("sealed", ["", "....", "no token", "é", "a.b.c.d.e"])
def test_what_was_never_sealed_is_refused(sealed: str) -> None:
    with pytest.raises(errors.SetupError):
        Sealer(("a key",)).open("factor", OWNER, sealed)


def test_without_a_key_nothing_is_sealed() -> None:
    with pytest.raises(errors.SetupError, match="PORTAL_SECRET_KEY"):
        sealing.open_sealer(Settings()).seal("factor", OWNER, b"secret")
