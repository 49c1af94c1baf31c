"""Whether what is sealed in a database opens with the keys of this installation, and what to do where it does not."""

import asyncio

import typer

from portal import sealing
from portal import settings as configuration
from portal.identity import resealing
from portal.identity.resealing import Opened
from portal.settings import Settings

PACKED = (
    "KEYS {closed} of {number} sealed secrets do not open with the keys in this backup: it needs others as well. Were "
    "servers given another PORTAL_SECRET_KEY than this command? Run it again with theirs, and with what they have in "
    "PORTAL_FORMER_SECRET_KEYS."
)
HERE = (
    "KEYS {closed} of {number} sealed secrets do not open with the keys that are here: until they do, nobody with a "
    "second factor gets in, and webhooks and identity providers stand still. Put {file} of the lost portal into "
    "{folder}, or what it had into PORTAL_SECRET_KEY or PORTAL_FORMER_SECRET_KEYS; `portal doctor` says whether they "
    "open. Where the key is lost, `portal credentials reset-second-factor` lets people in again, and owners set up "
    "webhooks and providers anew."
)


def try_keys(url: str, settings: Settings) -> Opened:
    """Try everything that is sealed with the keys that are set or in the data folder; makes none. Raises SetupError."""
    keyed = settings.model_copy(update={"secret_key": configuration.find_secret_key(settings)})
    return asyncio.run(resealing.try_all(url, sealing.open_sealer(keyed)))


def tell(found: Opened, words: str, settings: Settings) -> bool:
    """Say what does not open, in one of the sentences above; gives whether everything does."""
    if found.closed:
        number = found.opened + found.closed
        place = {"file": configuration.SECRET_FILE, "folder": settings.data_dir}
        typer.echo(words.format(closed=found.closed, number=number, **place), err=True)
    return not found.closed
