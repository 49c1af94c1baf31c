"""Rows that are kept for a while alone, each with its days; the README lists them, and a test compares both."""

from dataclasses import dataclass

import asyncpg

from portal.assessments import changes


@dataclass(frozen=True)
class Rule:
    """Rows of a table go, or lose an address, so many days after a moment of theirs."""

    table: str
    moment: str
    days: int
    only: str = "true"
    change: str = ""  # what is written instead of deleting

    @property
    def statement(self) -> str:
        """Its SQL, with the days as $1."""
        act = f"UPDATE {self.table} AS x SET {self.change}" if self.change else f"DELETE FROM {self.table} AS x"  # noqa: S608
        return f"{act} WHERE x.{self.moment} < portal.clock() - make_interval(days => $1) AND {self.only}"


# A reminder of an invitation looks for the letter that has its link.
_IS_OVER = """(x.kind <> 'invitation' OR NOT EXISTS (
    SELECT FROM portal.invitation i WHERE i.id::text = x.ids ->> 'invitation' AND portal.clock() < i.expires_at))"""
# An event that failed is needed as long as the job that passes it on is held.
_IS_PASSED_ON = """NOT EXISTS (
    SELECT FROM queue.pgqueuer q
     WHERE q.entrypoint = 'pass_on_event' AND convert_from(q.payload, 'UTF8')::jsonb ->> 'event' = x.id::text)"""
RULES = (
    Rule("portal.session", "expires_at", 1),
    Rule("portal.registration", "expires_at", 1),
    Rule("portal.password_reset", "expires_at", 1),
    Rule("portal.email_change", "expires_at", 1),
    Rule("portal.sso_sign_in", "expires_at", 0),
    Rule("portal.credential_attempt", "window_start", 1),
    # Who sent one back is remembered by the address, so as not to be written to again.
    Rule(
        "portal.invitation",
        "expires_at",
        90,
        "x.email IS NOT NULL AND x.refused_at IS NULL",
        "email = NULL, token_hash = NULL",
    ),
    Rule("portal.farewell", "created_at", 4),
    Rule("portal.mail", "created_at", 180, f"x.state IN ('sent', 'dropped', 'failed') AND {_IS_OVER}"),
    Rule("portal.outbox", "relayed_at", 7, _IS_PASSED_ON),
    Rule("portal.change", "noted_at", changes.GOOD_FOR.days + 1),
    Rule("portal.idempotency_key", "created_at", 30),
    Rule("portal.webhook_delivery", "created_at", 30),
    Rule("portal.webhook_secret", "valid_until", 0),
    Rule("portal.buyer_news", "day", 90),
    Rule(
        "queue.pgqueuer_log", "created", 90, "NOT EXISTS (SELECT FROM queue.pgqueuer q WHERE q.id = x.job_id)"
    ),  # why a job failed is told as long as it is held
)
# Once its letter was sent, or needs not be, an address is kept no longer.
FORGET_FAREWELLS = """
DELETE FROM portal.farewell f
 USING portal.mail l
 WHERE l.kind = 'account_erased' AND l.ids ->> 'farewell' = f.id::text AND l.state IN ('sent', 'dropped')
"""


async def forget(connection: asyncpg.Connection) -> None:
    """Everything that is due."""
    for rule in RULES:
        await connection.execute(rule.statement, rule.days)
    await connection.execute(FORGET_FAREWELLS)
