"""Whether the keys are there, and open what was sealed with them."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from portal import sealing, signing
from portal import settings as configuration
from portal.commands.doctoring.findings import Finding, fail, ok, warn
from portal.database import engine
from portal.errors import SetupError
from portal.identity import resealing
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
    filled: dict[str, str] = {}
    for name, file in (("secret_key", configuration.SECRET_FILE), ("signing_key", signing.KEY_FILE)):
        path = settings.data_dir / file
        if not getattr(settings, name) and path.is_file():
            with configuration.explain_folder(settings):
                filled[name] = path.read_text(encoding="utf-8").strip()
    ready = settings.model_copy(update=filled)
    signing.open_keys(ready)
    return ready


async def check_sealed(settings: Settings) -> list[Finding]:
    """Whether secrets in the database open with the keys that there are."""
    if settings.owner_database_url is None:
        return []
    sealer = sealing.open_sealer(load_keys(settings))
    opened = closed = older = 0
    made = engine.create_engine(settings.owner_database_url, pool_size=1)
    try:
        async with AsyncSession(made) as session:
            for purpose, column, owner, _ in resealing.SEALED:
                for sealed, whose in (await session.execute(select(column, owner).limit(MOST_OPENED))).all():
                    try:
                        sealer.open(purpose, whose, sealed)
                    except SetupError:
                        closed += 1
                    else:
                        opened += 1
                        older += not sealer.is_newest(purpose, whose, sealed)
    finally:
        await made.dispose()
    return [_judge(opened, closed, older)]


def _judge(opened: int, closed: int, older: int) -> Finding:
    if closed:
        message = f"{closed} of {opened + closed} sealed secrets do not open: second factors and webhooks of people."
        advice = "Put the key they were sealed with into PORTAL_SECRET_KEY or PORTAL_FORMER_SECRET_KEYS."
        return fail("key.sealed", message, advice)
    if older:
        advice = "Run `portal credentials reseal`, then throw the former keys away."
        return warn("key.sealed", f"{older} secrets are sealed with a former key.", advice)
    return ok("key.sealed", f"All {opened} sealed secrets that were looked at open.")
