"""What is open at places while writes to them are judged: others that wait, and conflicts that they may rest on."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from portal.assessments.writes import Write

Place = tuple[str, str]
Sender = tuple[UUID | None, str | None]  # a member with a device


class OpenWrites:
    """Where writes wait, and on which revisions the writes behind a conflict would rest.

    A device that is not connected counts its own revisions. Where one of them was not made, because another answer
    stood there, the number that its next write rests on is that of an answer which nobody there has seen.
    """

    def __init__(self, member: UUID | None, rows: Iterable[Any]) -> None:
        self.member = member
        self.waiting: set[Place] = set()
        self._unseen: dict[tuple[Place, Sender, int], datetime | None] = {}
        self._made: set[tuple[Place, Sender, int]] = set()
        for row in rows:
            place = (row.question, row.row_id)
            if row.outcome == "pending":
                self.waiting.add(place)
            else:
                self._unseen[place, (row.changed_by, row.device), row.revision + 1] = None

    def is_unseen(self, write: Write) -> bool:
        """Whether a write rests on what its sender would have made; a choice was made by looking.

        Of those that waited, which come from many calls, only one that was received later can rest on another.
        """
        key = (write.place, self._find_sender(write), write.base_revision)
        if write.decides is not None or write.source != "typed" or key not in self._unseen or key in self._made:
            return False
        since = self._unseen[key]
        return since is None or write.received_at is None or since < write.received_at

    def add(self, write: Write, status: str, revision: int | None, met: int) -> None:
        """Note what has just become of a write that met a revision; one refused unseen makes none either."""
        if status == "pending":
            self.waiting.add(write.place)
        elif status == "saved" and revision is not None:
            self._made.add((write.place, self._find_sender(write), revision))
        is_unmade = status == "conflict" or (status == "refused" and write.base_revision < met)
        if (is_unmade and write.decides is None) or (status == "unchanged" and self.is_unseen(write)):
            self._unseen.setdefault((write.place, self._find_sender(write), write.base_revision + 1), write.received_at)

    def _find_sender(self, write: Write) -> Sender:
        return write.member_id or self.member, write.device
