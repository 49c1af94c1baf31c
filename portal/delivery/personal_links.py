"""The link by which a person fetches what the portal holds about it: good for one session and some minutes."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from portal import errors
from portal.access import Actor
from portal.delivery import signed_links

PATH = "/personal-data.json"
PURPOSE = b"portal.export-personal-data:"
LIFETIME = timedelta(minutes=10)


def make_link(secret_key: str, actor: Actor, now: datetime) -> tuple[str, datetime]:
    """The path of the caller's document and until when it is good; raises SetupError without a secret."""
    if not secret_key:
        raise errors.SetupError("PORTAL_SECRET_KEY is not set, so links to personal data cannot be signed.")
    until = (now + LIFETIME).replace(microsecond=0).astimezone(UTC)
    token = signed_links.make_token(secret_key, PURPOSE, _name(actor, until))
    return f"{PATH}?until={int(until.timestamp())}&proof={token}", until


def is_good(secret_key: str, actor: Actor, proof: str, until: str, now: datetime) -> bool:
    """Whether a link was made for this caller's session and has not ended."""
    if not (until.isascii() and until.isdigit() and len(until) < 12):
        return False
    end = datetime.fromtimestamp(int(until), UTC)
    found = signed_links.read_token(secret_key, PURPOSE, proof, 3)
    return found is not None and list(found) == _name(actor, end) and now < end


def _name(actor: Actor, until: datetime) -> list[UUID]:
    return [actor.user_id or UUID(int=0), actor.session_id or UUID(int=0), UUID(int=int(until.timestamp()))]
