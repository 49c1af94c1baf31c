"""Signatures by the specification's own examples, secrets that only their key opens, and ids as the API has them."""

from datetime import UTC, datetime
from uuid import uuid4

import pytest

from graphql_schema import nodes
from portal import access, errors
from portal.delivery.webhooks import node_ids, signature
from tests.receivers import Message

# From the specification at standardwebhooks.com, and from the tests of its libraries.
VECTORS = [
    (
        "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD",
        "msg_27UH4WbU6Z5A5EzD8u03UvzRbpk",
        1649367553,
        b'{"email":"test@example.com","username":"test_user"}',
        "v1,tZ1I4/hDygAJgO5TYxiSd6Sd0kDW6hPenDe+bTa3Kkw=",
    ),
    (
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        1614265330,
        b'{"test": 2432232314}',
        "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    ),
]
KEY = "a key that is long enough for anything"


@pytest.mark.parametrize(("secret", "message", "timestamp", "body", "expected"), VECTORS)
def test_the_examples_of_the_specification_come_out(
    secret: str, message: str, timestamp: int, body: bytes, expected: str
) -> None:
    assert signature.sign(secret, message, timestamp, body) == expected
    assert signature.sign(secret.removeprefix("whsec_"), message, timestamp, body) == expected


def test_each_valid_secret_signs_and_others_check_it() -> None:
    both = [signature.make_secret(), signature.make_secret()]
    headers = signature.write_headers(both, "msg_1", datetime(2026, 12, 1, tzinfo=UTC), b"{}")
    assert headers["webhook-timestamp"] == "1796083200"
    message = Message("/", dict(headers), b"{}")
    assert [message.count_signatures(one) for one in both] == [1, 1]
    assert message.count_signatures(signature.make_secret()) == 0
    assert Message("/", dict(headers), b"{} ").count_signatures(both[0]) == 0


def test_secrets_are_new_and_as_long_as_the_specification_wants() -> None:
    made = {signature.make_secret() for _ in range(20)}
    assert len(made) == 20
    assert all(one.startswith("whsec_") and len(one) == 50 for one in made)


def test_what_is_no_secret_signs_nothing() -> None:
    with pytest.raises(errors.SetupError):
        signature.sign("whsec_no secret", "msg_1", 1, b"")


def test_ids_are_those_of_the_api() -> None:
    kind = nodes.NodeKind("subm", "Submission", access.SUPPLIER)
    for _ in range(50):
        owner, row = uuid4(), uuid4()
        assert node_ids.write_id("subm", owner, row) == nodes.encode_id(kind, row, owner)
    assert node_ids.NOBODY == nodes.NO_OWNER
