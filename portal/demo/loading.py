"""Loading the demo into an empty database, in one transaction, so that it is there whole or not at all."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import obstore
from obstore.store import ObjectStore
from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from portal.assessments import definitions
from portal.benchmarks import approval, cohorts, entitlement, releases
from portal.database import engine
from portal.database.tables import benchmarks
from portal.demo import sign_ins, story
from portal.demo.assessing import Published
from portal.demo.attaching import File
from portal.demo.people import Secrets
from portal.demo.sign_ins import ADDRESSES, SignIns
from portal.errors import SetupError
from portal.identity import operators, passwords, tokens

QUESTIONNAIRE = "responsible-sourcing"
LOADING_LOCK = 7_203_411_006  # two that load at once do it one after the other
WRITERS = 16
RELEASES = 2
COUNT = text("SELECT is_demo, count(*) AS firms FROM portal.organization GROUP BY is_demo")
RENEW_PASSWORD = text("UPDATE portal.user_account SET password_hash = :hash WHERE email = :email")
RENEW_KEY = text(
    """
    UPDATE portal.api_key k SET key_hash = :hash
      FROM portal.member m JOIN portal.user_account u ON u.id = m.user_id
     WHERE m.organization_id = k.organization_id AND u.email = :email AND k.name = 'Demo'
    """
)
REFRESH = text("SELECT count(portal.refresh_cards(id, NULL)) FROM unnest(CAST(:buyers AS uuid[])) AS id")


@dataclass(frozen=True)
class Prepared:
    """The sign-ins of the demo, and how many suppliers were made up just now: none where they were there."""

    sign_ins: SignIns
    suppliers: int

    @property
    def is_new(self) -> bool:
        return self.suppliers > 0


async def load_demo(owner_url: str, store: ObjectStore, folder: Path) -> Prepared:
    """Load the demo with the owner's login, unless it is there.

    Data that are there are kept. Raises SetupError where the database holds other organizations than made-up ones.
    """
    kept = sign_ins.read_sign_ins(folder)
    drawn = kept or sign_ins.draw_sign_ins()
    made = engine.create_engine(owner_url, pool_size=1, timeout_ms=120_000)
    try:
        async with AsyncSession(made) as session, session.begin():
            await session.execute(select(func.pg_advisory_xact_lock(LOADING_LOCK)))
            loaded = 0
            if not await _is_loaded(session):
                loaded = await _load(session, store, drawn)
            elif kept is None:
                await _renew_sign_ins(session, drawn)
    finally:
        await made.dispose()
    # Only now, so that what the file says is always what the database knows: without the file both are made anew.
    if kept is None:
        sign_ins.keep_sign_ins(folder, drawn)
    return Prepared(drawn, loaded)


async def _is_loaded(session: AsyncSession) -> bool:
    found = {row.is_demo: row.firms for row in await session.execute(COUNT)}
    if found.get(False) and not found.get(True):
        raise SetupError(
            f"This database holds {found[False]} organizations that are not made up. The demo is loaded into an empty "
            "database only: name another folder in PORTAL_DATA_DIR, or use `portal serve`."
        )
    return bool(found.get(True))


async def _load(session: AsyncSession, store: ObjectStore, drawn: SignIns) -> int:
    now: datetime = (await session.execute(select(func.portal.clock()))).scalar_one()
    published = await find_published(session, QUESTIONNAIRE)
    practice = await find_published(session, entitlement.PRACTICE)
    told = story.tell_story(published, practice, now, await hash_sign_ins(drawn))
    await _write_files(store, told.files)
    await told.rows.write(session)
    await approval.approve_questionnaire(session, operators.OWNER_LOGIN, questionnaire=QUESTIONNAIRE)
    await session.execute(REFRESH, {"buyers": [str(buyer.id) for buyer in told.people.buyers]})
    return len(told.people.suppliers)


async def find_published(session: AsyncSession, key: str) -> Published:
    """The version of a questionnaire that begins now, with its newest profile."""
    version = await definitions.load_current(session, key)
    profile, profile_hash = await definitions.load_latest_profile(session, version.definition)
    return Published(
        definition=version.definition,
        content_hash=version.content_hash,
        profile=profile,
        profile_hash=profile_hash,
    )


async def hash_sign_ins(drawn: SignIns) -> Secrets:
    """What the database keeps of the sign-ins."""
    hashed = await asyncio.gather(*map(passwords.hash_password, drawn.passwords.values()))
    return Secrets(dict(zip(drawn.passwords, hashed, strict=True)), passwords.make_dummy_hash(), drawn.keys)


async def _write_files(store: ObjectStore, files: Sequence[File]) -> None:
    """Put the documents where checked ones are kept; a file that an interrupted load left is written again.

    Raises SetupError where the storage takes none.
    """
    waiting = iter(files)

    async def write() -> None:
        for file in waiting:
            try:
                await obstore.put_async(store, file.key, file.content)
            except (OSError, obstore.exceptions.BaseError) as problem:
                raise SetupError(f"Files cannot be written to PORTAL_STORAGE_URL: {problem}") from problem

    await asyncio.gather(*(write() for _ in range(WRITERS)))


async def publish_benchmarks(worker_url: str) -> int:
    """Make the releases of the last two quarters, unless some were made; gives how many there are now.

    Both are made in one transaction, with the worker's login.
    """
    made = engine.create_engine(worker_url, pool_size=1, timeout_ms=120_000)
    try:
        async with AsyncSession(made) as session, session.begin():
            await session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
            if await session.scalar(select(func.count()).select_from(benchmarks.Release)):
                return 0
            now: datetime = (await session.execute(select(func.portal.clock()))).scalar_one()
            this = cohorts.find_quarter(now.date())
            for back in range(RELEASES, 0, -1):
                await releases.make_release(session, this.shift(-back))
    finally:
        await made.dispose()
    return RELEASES


async def _renew_sign_ins(session: AsyncSession, drawn: SignIns) -> None:
    """Give the demo's people new passwords and keys, where the file with the old ones was lost."""
    hashed = await hash_sign_ins(drawn)
    for part, email in ADDRESSES.items():
        await session.execute(RENEW_PASSWORD, {"email": email, "hash": hashed.password_hashes[part]})
    for part, key in drawn.keys.items():
        await session.execute(RENEW_KEY, {"email": ADDRESSES[part], "hash": tokens.hash_token(key)})
