"""What is open at places while writes to them are judged: others that wait, and conflicts that they may rest on."""

from collections.abc import Iterable
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
        self._unseen: set[tuple[Place, Sender, int]] = set()
        for row in rows:
            place = (row.question, row.row_id)
            if row.outcome == "pending":
                self.waiting.add(place)
            else:
                self._unseen.add((place, (row.changed_by, row.device), row.revision + 1))

    def is_unseen(self, write: Write) -> bool:
        """Whether a write rests on what its sender would have made; a choice was made by looking."""
        is_sent = write.decides is None and write.source == "typed"
        return is_sent and (write.place, self._find_sender(write), write.base_revision) in self._unseen

    def add(self, write: Write, status: str, met: int) -> None:
        """Note what has just become of a write that met a revision; one refused unseen stands for none either."""
        if status == "pending":
            self.waiting.add(write.place)
        is_unmade = status == "conflict" or (status == "refused" and write.base_revision < met)
        if (is_unmade and write.decides is None) or (status == "unchanged" and self.is_unseen(write)):
            self._unseen.add((write.place, self._find_sender(write), write.base_revision + 1))

    def _find_sender(self, write: Write) -> Sender:
        return write.member_id or self.member, write.device
