"""Random steps of the tenants; after each the channels are looked at."""

from pathlib import Path
from typing import Any

from tests import databases
from tests.hostile.tenants import looking, telling, writing
from tests.hostile.tenants.town import Town, open_town

STEPS = 500
# How often each thing happens, beside the others.
OF_ALL = {
    writing.name_oneself: 2, writing.invite_colleague: 2, writing.make_key: 1, writing.open_endpoint: 2,
}  # fmt: skip
OF_BUYERS = OF_ALL | {
    writing.add_record: 3, writing.hand_in_list: 2, writing.plan_campaign: 1, writing.plan_cadence: 1,
    writing.draft_questionnaire: 2, telling.ask: 6, telling.ask_for_access: 3, telling.state: 6, telling.wonder: 4,
    telling.feed_back: 3, telling.ask_for_redaction: 2, telling.meet: 2,
}  # fmt: skip
OF_SUPPLIERS = OF_ALL | {
    writing.add_site: 2, writing.begin: 8, writing.answer: 8, writing.rename_document: 4, telling.answer_request: 6,
    telling.submit: 8, telling.correct: 4, telling.take_back: 1, telling.share: 10, telling.narrow: 3,
    telling.revoke: 3, telling.end_access: 2, telling.refuse_access: 3, telling.dispute: 6,
}  # fmt: skip
# Once before anything is left to chance, so that each act is there in every walk: by all whose it is.
ROUND = (
    writing.begin, writing.begin, writing.answer, telling.submit, telling.submit, telling.share, telling.share,
    telling.share, telling.ask, telling.ask_for_access, telling.state, telling.wonder, telling.feed_back,
    *(OF_BUYERS | OF_SUPPLIERS),
)  # fmt: skip
LOOKS = {
    looking.read: 30, looking.search: 2, looking.export: 5, looking.fetch_document: 5, looking.fetch_summary: 2,
    looking.follow: 2, looking.misuse: 6,
}  # fmt: skip


async def walk(database: databases.TestDatabase, folder: Path, seed: int, steps: int = STEPS) -> Town:
    """So many steps from one seed; raises LeakError as soon as a word is where it may not be."""
    async with open_town(database, folder, seed) as town:
        await begin(town)
        first = [(act, name) for act in ROUND for name in town.house.parties if act in list_acts(name)]
        for step in range(steps):
            await take_step(town, *first[step : step + 1])
            if step % 100 == 99:
                await town.read_metrics()
        await town.settle()
        await town.look_around()
        await town.read_metrics()
        return town


async def begin(town: Town) -> None:
    """Each supplier has its buyer, and the second buyer knows both."""
    for buyer, supplier in (("b1", "s1"), ("b2", "s2"), ("b2", "s1")):
        await telling.link(town, buyer, supplier)
    for name in town.house.parties:
        await writing.make_key(town, name)
        await writing.open_endpoint(town, name)


def list_acts(name: str) -> dict[Any, int]:
    return OF_SUPPLIERS if name.startswith("s") else OF_BUYERS


async def take_step(town: Town, given: tuple[Any, str] | None = None) -> None:
    """Somebody does something, as given or by chance, and there are three looks at something."""
    name = town.chance.choice(list(town.house.parties))
    acts = list_acts(name)
    act, name = given or (town.chance.choices(list(acts), list(acts.values()))[0], name)
    town.seen[act.__name__] += 1
    await act(town, name)
    for look in town.chance.choices(list(LOOKS), list(LOOKS.values()), k=3):
        await look(town)
    await town.look_around()
