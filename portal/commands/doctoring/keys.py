"""Whether the keys are there, and open what was sealed with them."""

from portal import sealing, signing
from portal import settings as configuration
from portal.commands.doctoring.findings import Finding, fail, ok, warn
from portal.errors import SetupError
from portal.identity import resealing
from portal.identity.resealing import Opened
from portal.settings import Settings

MOST_OPENED = 1_000  # of each kind: a wrong key opens none


async def check_keys(settings: Settings) -> list[Finding]:
    """Whether both keys are there and can be read."""
    found = []
    for check, file, given, variable in (
        ("key.secret", configuration.SECRET_FILE, settings.secret_key, "PORTAL_SECRET_KEY"),
        ("key.signing", signing.KEY_FILE, settings.signing_key, "PORTAL_SIGNING_KEY"),
    ):
        if not given and not (settings.data_dir / file).is_file():
            message = f"There is neither {variable} nor {settings.data_dir / file}."
            found.append(
                warn(check, message, "The first `portal serve` makes one; put back the one of a backup before.")
            )
            continue
        try:
            load_keys(settings)
            found.append(ok(check, f"{variable} is set." if given else f"{file} is in the data folder."))
        except SetupError as problem:
            found.append(fail(check, str(problem), f"Put the right key into {variable}, or that file."))
    return found


def load_keys(settings: Settings) -> Settings:
    """The settings with the keys that there are; makes none. Raises SetupError for one that is none."""
    keys = {"secret_key": configuration.find_secret_key(settings), "signing_key": signing.find_signing_key(settings)}
    ready = settings.model_copy(update=keys)
    signing.open_keys(ready)
    return ready


async def check_sealed(settings: Settings) -> list[Finding]:
    """Whether secrets in the database open with the keys that there are."""
    url = settings.owner_database_url or settings.backup_database_url  # the logins that read all of them
    if url is None:
        return []
    found = await resealing.try_all(url, sealing.open_sealer(load_keys(settings)), MOST_OPENED)
    return [_judge(found)]


def _judge(found: Opened) -> Finding:
    if found.closed:
        number = found.opened + found.closed
        message = f"{found.closed} of {number} sealed secrets do not open: second factors and webhooks of people."
        advice = "Put the key they were sealed with into PORTAL_SECRET_KEY or PORTAL_FORMER_SECRET_KEYS."
        return fail("key.sealed", message, advice)
    if found.older:
        advice = "Run `portal credentials reseal`, then throw the former keys away."
        return warn("key.sealed", f"{found.older} secrets are sealed with a former key.", advice)
    return ok("key.sealed", f"All {found.opened} sealed secrets that were looked at open.")
