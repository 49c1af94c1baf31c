"""The types of events that webhooks tell, to which side, and which events of the outbox they come from."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

Side = Literal["supplier", "buyer", "reader", "self"]
"""As what an organization is told: supplier or buyer of the matter, anybody who reads, or the endpoint itself."""
PING = "webhook.ping"
RELEASED = "benchmark.released"


@dataclass(frozen=True)
class EventType:
    """One type of event, whom it is told, and in a sentence when."""

    name: str
    sides: tuple[Side, ...]
    words: str


_BOTH: tuple[Side, ...] = ("supplier", "buyer")
CATALOGUE = {
    one.name: one
    for one in (
        EventType("request.asked", _BOTH, "A buyer asked for answers, by itself, in a campaign or by a cadence."),
        EventType("request.reminded", ("supplier",), "The buyer reminded of its request."),
        EventType("request.extended", _BOTH, "The buyer moved the due day of its request."),
        EventType("request.withdrawn", _BOTH, "The buyer took its request back."),
        EventType("request.accepted", _BOTH, "The supplier accepted a request."),
        EventType("request.declined", _BOTH, "The supplier declined a request."),
        EventType("request.not_us", _BOTH, "The supplier said that somebody else is meant."),
        EventType("request.fulfilled", _BOTH, "What was asked for is shared."),
        EventType("request.reopened", _BOTH, "What answered a request was withdrawn, and it waits again."),
        EventType("submission.created", ("supplier",), "The supplier submitted an assessment."),
        EventType("submission.withdrawn", ("supplier",), "The supplier took a submission back."),
        EventType("result.available", ("buyer",), "A share that follows shows a new submission."),
        EventType("result.withdrawn", ("buyer",), "A shared result is gone: its submission was withdrawn."),
        EventType("result.rescored", _BOTH, "A result was scored anew by a newer profile."),
        EventType("result.band_changed", _BOTH, "A result that was scored anew has another band."),
        EventType("share.created", _BOTH, "The supplier shares a result."),
        EventType("share.changed", _BOTH, "The supplier shows more or less by a share, or for another time."),
        EventType("share.revoked", _BOTH, "The supplier ended a share."),
        EventType("share.started", _BOTH, "A share that was to begin later has begun."),
        EventType("share.ended", _BOTH, "A share has ended by its date."),
        EventType(RELEASED, ("reader",), "A benchmark release was made, or one that corrects another."),
        EventType(PING, ("self",), "Somebody tried the endpoint with `pingWebhook`."),
    )
}
SHARE_ACTS = ("created", "changed", "revoked", "started", "ended")
# Events of the outbox, with what became of the matter where the event says so, and the type for each side.
_MEANINGS: dict[tuple[str, str | None], Mapping[Side, str]] = {
    ("request.asked", None): dict.fromkeys(_BOTH, "request.asked"),
    ("request.renewed", None): dict.fromkeys(_BOTH, "request.asked"),
    ("request.added", None): dict.fromkeys(_BOTH, "request.asked"),
    ("request.reminded", None): {"supplier": "request.reminded"},
    ("request.extended", None): dict.fromkeys(_BOTH, "request.extended"),
    ("request.withdrawn", None): dict.fromkeys(_BOTH, "request.withdrawn"),
    **{
        ("request.changed", state): dict.fromkeys(_BOTH, f"request.{state}")
        for state in ("accepted", "declined", "not_us", "fulfilled", "reopened")
    },
    ("assessment.submitted", None): {"supplier": "submission.created", "buyer": "result.available"},
    ("submission.withdrawn", None): {"supplier": "submission.withdrawn", "buyer": "result.withdrawn"},
    ("submission.rescored", None): dict.fromkeys(_BOTH, "result.rescored"),
    ("band.changed", None): dict.fromkeys(_BOTH, "result.band_changed"),
    **{("share.changed", act): dict.fromkeys(_BOTH, f"share.{act}") for act in SHARE_ACTS},
    ("release.made", None): {"reader": RELEASED},
    ("webhook.pinged", None): {"self": PING},
}


def find_types(topic: str, parts: Mapping[str, Any]) -> Mapping[Side, str]:
    """What an event of the outbox is told as, by side; empty where webhooks do not tell it."""
    return _MEANINGS.get((topic, parts.get("state") or parts.get("act")), {})
