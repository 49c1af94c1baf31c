"""What is drawn by chance is long enough and never drawn twice."""

import base64

from portal.identity import second_factors, tokens

MANY = 2_000


def test_every_token_is_new_and_of_256_bits() -> None:
    made = [tokens.make_token() for _ in range(MANY)]
    assert len(set(made)) == MANY
    assert {len(base64.urlsafe_b64decode(one + "=")) for one in made} == {32}
    # Each of the 64 signs stands at each place where all of them may stand.
    assert all(len({one[place] for one in made}) == 64 for place in range(42))


def test_every_recovery_code_is_new_and_of_120_bits() -> None:
    made = [code for _ in range(MANY // 10) for code in second_factors.make_codes()]
    assert len(set(made)) == len(made) == MANY
    assert {len(base64.b32decode(one.replace("-", "").upper())) for one in made} == {15}
