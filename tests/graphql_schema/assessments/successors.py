"""A later version of the sample questionnaire that changes it in every way there is, and publishing it."""

from portal.assessments import publishing
from questionnaires.catalogue import Packaged
from tests.graphql_schema.portals import Portal
from tests.portal.assessments import sample

CHANGES = (
    ("version: 1.0.0", "version: 2.0.0"),
    ("{key: headcount,", "{key: people,"),
    ("q: headcount", "q: people"),
    ("than: headcount", "than: people"),
    ("max_length: 200", "max_length: 10"),
    ("unit: square_metre", "unit: square_foot"),
    (
        'yes_partly_no: [{key: "yes", title: "Yes"},',
        'yes_partly_no: [{key: "yes", title: "Yes"}, {key: planned, title: Planned},',
    ),
    ("{key: trained, type: percent,", "{key: trained, meaning: 2, type: percent,"),
    (
        "      - {key: drills, type: integer, tier: standard, kind: measure, title: Drills, why: Fire.,"
        " action: Drill.,\n"
        "         unit: drill}\n",
        "      - {key: guards, type: boolean, tier: micro, kind: fact, title: Guards, why: Safety.}\n",
    ),
    (
        "checks:\n",
        "renamed: [{from: headcount, to: people}]\nchecks:\n"
        "  - {key: people_jump, severity: warning, tier: micro, title: Jumps.,\n"
        "     rule: {value: people, jump: {factor: 2, amount: 10}}}\n",
    ),
)
PROFILE_CHANGES = (
    ("version: 1.0.0", "version: 2.0.0"),
    ('fees_repaid: {weight: 3, points: {"yes": 100,', 'fees_repaid: {weight: 3, points: {"yes": 100, planned: 20,'),
    ("  drills: {weight: 1, ramp: {from: 0, to: 2}}\n", ""),
)


def change(text: str, changes: tuple[tuple[str, str], ...]) -> str:
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    return text


def make_successor() -> Packaged:
    """Version 2.0.0 of the sample questionnaire."""
    definition = sample.make_definition(change(sample.QUESTIONNAIRE, CHANGES))
    return Packaged(definition, (sample.make_profile(change(sample.PROFILE, PROFILE_CHANGES)),))


async def publish_successor(portal: Portal) -> None:
    await publishing.publish_with_login(portal.database.owner_url, [make_successor()])


async def publish_change(portal: Portal, version: str, *changes: tuple[str, str]) -> None:
    """A later version of the sample with these changes of its text."""
    numbered = ("version: 1.0.0", f"version: {version}")
    definition = sample.make_definition(change(sample.QUESTIONNAIRE, (numbered, *changes)))
    profile = sample.make_profile(change(sample.PROFILE, (numbered,)))
    await publishing.publish_with_login(portal.database.owner_url, [Packaged(definition, (profile,))])
