"""A head office answers for its sites: locked, suggested, met by an own answer, and in drafts that begin later."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from portal import errors
from portal.assessments import (
    answer_history,
    answers,
    assessments,
    confirming,
    conflicts,
    publishing,
    pushes,
    pushing,
    submissions,
    upgrading,
)
from portal.assessments.answers import AnswersSaved
from portal.assessments.confirming import Seen
from portal.assessments.judging import StoredAnswer
from portal.assessments.pushes import Act
from portal.assessments.writes import Write
from portal.database import ids
from portal.directory import sites
from portal.directory.sites import SiteFacts
from questionnaires.catalogue import Packaged
from questionnaires.gaps import Plan
from tests.portal.assessments import sample
from tests.portal.assessments.changes import list_changes
from tests.portal.assessments.house import END, START, Caller, House, write


class Firm:
    """An organization with a head office and sites, and what each of them says."""

    def __init__(self, house: House, office: Caller, site: Caller, places: list[UUID]) -> None:
        self.house = house
        self.office = office
        self.site = site  # somebody at the sites
        self.places = places

    async def start(self, place: UUID | None, tier: str = "basic", year: int = START.year) -> UUID:
        caller = self.office if place is None else self.site
        async with self.house.act(caller) as (session, actor):
            made = await assessments.start_assessment(
                session,
                actor,
                questionnaire="sample",
                tier=tier,
                period_start=START.replace(year=year),
                period_end=END.replace(year=year),
                site_id=place,
            )
            return made.id

    async def save(self, caller: Caller, assessment: UUID, *sent: Write) -> AnswersSaved:
        async with self.house.act(caller) as (session, actor):
            return await answers.save_answers(session, actor, assessment_id=assessment, sent=sent)

    async def push(self, source: UUID, questions: Sequence[str], mode: Any, **more: Any) -> Act:
        async with self.house.act(self.office) as (session, actor):
            return await pushing.push_answers(session, actor, source_id=source, questions=questions, mode=mode, **more)

    async def release(self, source: UUID, **more: Any) -> Act:
        async with self.house.act(self.office) as (session, actor):
            return await pushing.release_answers(session, actor, source_id=source, **more)

    async def read(self, assessment: UUID) -> dict[str, StoredAnswer]:
        async with self.house.act(self.site) as (session, actor):
            found = await list_changes(session, actor, assessment_id=assessment, after=0, limit=None)
        return {one.question: one for one in found.answers}

    async def tell(self, assessment: UUID, question: str) -> tuple[Any, str, int]:
        one = (await self.read(assessment))[question]
        assert one.content is not None
        return one.content.value, one.provenance, one.revision

    async def list_conflicts(self, assessment: UUID) -> list[tuple[Any, Any]]:
        async with self.house.act(self.site) as (session, actor):
            _, found = await conflicts.list_conflicts(session, actor, assessment_id=assessment, limit=100)
        return [(one.written.value, one.standing.content and one.standing.content.value) for one in found]

    async def submit(self, assessment: UUID) -> None:
        async with self.house.act(self.site) as (session, actor):
            number = (await assessments.get_assessment(session, actor, assessment)).change_number
            await submissions.submit_assessment(session, actor, assessment_id=assessment, expected_change_number=number)

    async def correct(self, assessment: UUID) -> UUID:
        async with self.house.act(self.site) as (session, actor):
            return (await assessments.correct_assessment(session, actor, assessment_id=assessment)).assessment.id


@pytest.fixture
async def firm(house: House) -> Firm:
    office = await house.sign_up("supplier")
    site = await house.join(office, "editor")
    places = []
    async with house.act(office) as (session, actor):
        for name in ("Dyehouse", "Mill", "Spinnery"):
            places.append((await sites.add_site(session, actor, facts=SiteFacts(name=name))).id)
    return Firm(house, office, site, places)


def outcomes(act: Act) -> dict[tuple[UUID, str], str]:
    return {(one.site_id, row.question): row.outcome for one in act.sites for row in one.rows}


@pytest.mark.slow
async def test_what_is_locked_stands_until_the_head_office_changes_or_releases_it(firm: Firm) -> None:
    source, mill = await firm.start(None), await firm.start(firm.places[1])
    await firm.save(firm.office, source, write("trained", "80"), write("area", "5"))
    await firm.save(firm.site, mill, write("trained", "60", comment="Counted."))
    act = await firm.push(source, ["trained", "area"], "locked", note="One training for all.")
    assert {one.site_id: one.state for one in act.sites} == dict.fromkeys(firm.places, "waiting") | {
        firm.places[1]: "written"
    }
    assert outcomes(act) == {(firm.places[1], "trained"): "saved", (firm.places[1], "area"): "saved"}
    assert await firm.tell(mill, "trained") == ("80", "locked", 2)
    stood = (await firm.read(mill))["trained"]
    assert (stood.changed_by, stood.carried_from, stood.carried_question) == (firm.office.user, source, "trained")
    assert stood.content is not None and stood.content.comment == "Counted."

    # A save is refused whatever revision it was made on; what was sent is kept.
    late = [write("trained", "61", base) for base in (0, 1, 2, 9)] + [write("area", base=1, deleted=True)]
    saved = await firm.save(firm.site, mill, *late)
    assert {(one.status, one.problem and one.problem.code) for one in saved.outcomes} == {
        ("refused", "set_by_head_office")
    }
    assert saved.outcomes[0].yours is not None and saved.outcomes[0].yours.value == "61"
    assert (await firm.save(firm.site, mill, *late)).outcomes == saved.outcomes
    same = await firm.save(firm.site, mill, write("trained", "80", 1, comment="Counted."))
    assert same.outcomes[0].status == "unchanged"

    # The history tells the site's own value, and who took its place.
    async with firm.house.act(firm.site) as (session, actor):
        _, rows = await answer_history.list_history(
            session, actor, assessment_id=mill, question="trained", row_id=None, limit=25
        )
    pushed = next(row for row in rows if row.source == "head_office")
    assert (pushed.member_id, pushed.outcome, pushed.push_id) == (firm.office.user, "saved", act.push_id)
    assert (pushed.was or {})["value"] == "60"
    assert {row.value for row in rows if row.outcome == "refused"} == {"61"}
    assert any(row.value == "60" and row.member_id == firm.site.user for row in rows)

    # Changed again, it reaches the draft; the site is told who and why.
    await firm.save(firm.office, source, write("trained", "85", 1))
    async with firm.house.act(firm.site) as (session, actor):
        _, standing = await pushes.list_standing(session, actor, assessment_id=mill, limit=25)
    told = {row.question: (row.mode, row.note, row.pushed_by, row.is_outdated) for row in standing}
    assert told["trained"] == ("locked", "One training for all.", firm.office.user, True)
    assert not told["area"][3]
    await firm.push(source, ["trained"], "locked")
    assert await firm.tell(mill, "trained") == ("85", "locked", 3)

    # Released, it waits for a look, and is the site's own from then on.
    released = await firm.release(source, questions=["trained"], note="Say it yourselves.")
    assert outcomes(released) == {(firm.places[1], "trained"): "saved"}
    assert await firm.tell(mill, "trained") == ("85", "to_confirm", 4)
    own = await firm.save(firm.site, mill, write("trained", "90", 4))
    assert own.outcomes[0].status == "saved"
    assert await firm.tell(mill, "trained") == ("90", "answered", 5)
    assert outcomes(await firm.release(source, questions=["trained"])) == {}
    assert await firm.tell(mill, "area") == ("5", "locked", 1)


@pytest.mark.slow
async def test_a_suggestion_waits_for_a_look_and_never_takes_the_place_of_an_own_answer(firm: Firm) -> None:
    source, mill = await firm.start(None, "micro"), await firm.start(firm.places[1], "micro")
    answered = [write("headcount", "12"), write("fees_repaid", "yes"), write("exits_locked", False), write("area", "5")]
    await firm.save(firm.office, source, *answered)
    await firm.save(firm.site, mill, write("headcount", "7"), write("exits_locked", False))
    act = await firm.push(source, ["headcount", "fees_repaid", "exits_locked"], "suggested")
    assert {key[1]: one for key, one in outcomes(act).items()} == {
        "headcount": "conflict",
        "fees_repaid": "saved",
        "exits_locked": "unchanged",
    }
    assert await firm.list_conflicts(mill) == [("12", "7")]
    assert await firm.tell(mill, "headcount") == ("7", "answered", 1)
    assert await firm.tell(mill, "fees_repaid") == ("yes", "to_confirm", 1)

    # Pushed anew: the untouched suggestion follows, the conflict is about the last word of the head office.
    await firm.save(firm.office, source, write("fees_repaid", "partly", 1), write("headcount", "13", 1))
    await firm.push(source, ["headcount", "fees_repaid"], "suggested")
    assert await firm.list_conflicts(mill) == [("13", "7")]
    assert await firm.tell(mill, "fees_repaid") == ("partly", "to_confirm", 2)

    with pytest.raises(submissions.InvalidAnswers) as refused:
        await firm.submit(mill)
    assert [(one.question, one.code) for one in refused.value.answer_problems] == [("fees_repaid", "not_confirmed")]
    async with firm.house.act(firm.site) as (session, actor):
        seen = [Seen(question="fees_repaid", revision=2)]
        done = await confirming.confirm_answers(session, actor, assessment_id=mill, seen=seen)
    assert done.outcomes[0].status == "saved"
    assert await firm.tell(mill, "fees_repaid") == ("partly", "confirmed", 3)
    async with firm.house.act(firm.site) as (session, actor):
        _, found = await conflicts.list_conflicts(session, actor, assessment_id=mill, limit=5)
        chosen = await conflicts.decide_conflict(
            session,
            actor,
            assessment_id=mill,
            conflict_id=found[0].row.write_id,
            winner="written",
            write_id=ids.new_id(),
            base_revision=1,
        )
    assert chosen.outcomes[0].status == "saved"
    assert await firm.tell(mill, "headcount") == ("13", "answered", 2)
    assert await firm.list_conflicts(mill) == []

    # What the site has confirmed is its own: another suggestion is a conflict; what it submitted says where it is from.
    await firm.save(firm.office, source, write("fees_repaid", "yes", 2))
    again = await firm.push(source, ["fees_repaid"], "suggested")
    assert set(outcomes(again).values()) == {"conflict"}
    await firm.push(source, ["area"], "locked")
    await firm.submit(mill)
    async with firm.house.act(firm.site) as (session, actor):
        made = (await submissions.find_of_assessments(session, actor, [mill]))[mill]
        origins = await submissions.list_origins(session, actor, made.id)
    assert {key[0]: (one.carried_from, one.confirmed_by) for key, one in origins.items()} == {
        "fees_repaid": (source, firm.site.user),
        "area": (source, None),
    }


@pytest.mark.slow
async def test_what_stands_reaches_drafts_that_begin_later_and_corrections(firm: Firm) -> None:
    source = await firm.start(None, "micro")
    full = [write("headcount", "12"), write("fees_repaid", "yes"), write("exits_locked", False), write("trained", "80")]
    await firm.save(firm.office, source, *full)
    await firm.push(source, ["headcount", "fees_repaid", "exits_locked"], "locked", site_ids=firm.places[:1])
    dyehouse = await firm.start(firm.places[0], "micro")
    assert await firm.tell(dyehouse, "headcount") == ("12", "locked", 1)
    assert await firm.start(firm.places[0], "micro") == dyehouse
    assert await firm.read(await firm.start(firm.places[1], "micro")) == {}
    await firm.submit(dyehouse)

    # Submitted: the correction takes over what was pushed since then, and lets go of what was released.
    await firm.save(firm.office, source, write("headcount", "14", 1))
    act = await firm.push(source, ["headcount", "trained"], "suggested", site_ids=firm.places[:1])
    assert [(one.state, list(one.rows)) for one in act.sites] == [("submitted", [])]
    await firm.release(source, questions=["fees_repaid"])
    assert await firm.tell(dyehouse, "fees_repaid") == ("yes", "locked", 1)
    new = await firm.correct(dyehouse)
    assert await firm.tell(new, "headcount") == ("14", "to_confirm", 2)
    assert await firm.tell(new, "trained") == ("80", "to_confirm", 1)
    assert await firm.tell(new, "fees_repaid") == ("yes", "to_confirm", 2)
    assert await firm.tell(new, "exits_locked") == (False, "locked", 1)
    # What the site made of it is not asked again by its next revision.
    await firm.save(firm.site, new, write("trained", "70", 1))
    async with firm.house.act(firm.site) as (session, actor):
        seen = [Seen(question="headcount", revision=2), Seen(question="fees_repaid", revision=2)]
        await confirming.confirm_answers(session, actor, assessment_id=new, seen=seen)
    await firm.submit(new)
    newest = await firm.correct(new)
    assert await firm.tell(newest, "trained") == ("70", "answered", 2)
    assert await firm.list_conflicts(newest) == []


@pytest.mark.slow
async def test_only_what_a_site_is_asked_reaches_it(firm: Firm) -> None:
    source, mill = await firm.start(None, "standard"), await firm.start(firm.places[1], "micro")
    sent = [write("waste", ["paper"]), write("trained", "80"), write("drills", "2"), write("headcount", "12")]
    await firm.save(firm.office, source, *sent, write("sites", True, row_id="a"))
    act = await firm.push(source, ["waste", "trained", "sites", "founded", "nothing", "site_dorm"], "locked")
    assert {(one.site_id, one.question): one.reason for one in act.left} == {
        (None, "sites"): "in_group",
        (None, "site_dorm"): "in_group",
        (None, "founded"): "unanswered",
        (None, "nothing"): "unknown_question",
        (firm.places[1], "waste"): "other_tier",
    }
    assert set(await firm.read(mill)) == {"trained"}
    async with firm.house.act(firm.site) as (session, actor):
        await assessments.change_tier(session, actor, assessment_id=mill, tier="basic")
    assert await firm.tell(mill, "waste") == (["paper"], "locked", 1)
    # What is not asked there any more is let go of all the same.
    async with firm.house.act(firm.site) as (session, actor):
        await assessments.change_tier(session, actor, assessment_id=mill, tier="micro")
    await firm.release(source, questions=["waste"])
    assert await firm.tell(mill, "waste") == (["paper"], "to_confirm", 2)

    # A later version renames a question and asks another one anew; the site is on it, the head office is not.
    changed = sample.QUESTIONNAIRE.replace("version: 1.0.0", "version: 2.0.0").replace("key: trained,", "key: taught,")
    changed = changed.replace("key: headcount, type", "key: headcount, meaning: 2, type")
    changed = changed.replace("tiers: [", "renamed: [{from: trained, to: taught}]\ntiers: [")
    profile = sample.PROFILE.replace("version: 1.0.0", "version: 2.0.0").replace("trained:", "taught:")
    packaged = Packaged(sample.make_definition(changed), (sample.make_profile(profile),))
    await publishing.publish_with_login(firm.house.made.owner_url, [sample.make_packaged(), packaged])
    async with firm.house.act(firm.site) as (session, actor):
        upgraded = (
            await upgrading.upgrade_assessment(session, actor, assessment_id=mill, version="2.0.0")
        ).assessment.id
    assert await firm.tell(upgraded, "taught") == ("80", "locked", 1)
    await firm.save(firm.office, source, write("trained", "82", 1))
    act = await firm.push(source, ["trained", "headcount"], "locked", site_ids=[firm.places[1]])
    assert [(one.question, one.reason) for one in act.left] == [("headcount", "not_asked")]
    assert await firm.tell(upgraded, "taught") == ("82", "locked", 2)
    assert (await firm.read(upgraded))["taught"].carried_question == "trained"


@pytest.mark.slow
async def test_pushing_is_idempotent_and_takes_as_many_statements_for_many_sites(firm: Firm) -> None:
    source = await firm.start(None)
    await firm.save(firm.office, source, write("trained", "80"), write("area", "5"), write("headcount", "12"))
    questions = ["trained", "area", "headcount"]
    counts, key = [], "a key of the client"
    for place in firm.places:
        await firm.start(place)
    for chosen in (firm.places[:1], firm.places):
        with firm.house.count_statements() as sent:
            await firm.push(source, questions, "suggested", site_ids=chosen)
        counts.append(len(sent))
    assert counts[0] == counts[1]
    first = await firm.push(source, ["area"], "locked", idempotency_key=key)
    await firm.save(firm.office, source, write("area", "6", 1))
    again = await firm.push(source, ["area"], "locked", idempotency_key=key)
    assert (again.push_id, outcomes(again)) == (first.push_id, outcomes(first))
    mill = await firm.start(firm.places[1])
    assert await firm.tell(mill, "area") == ("5", "locked", 2)
    with pytest.raises(errors.Conflict):
        await firm.push(source, ["area"], "suggested", idempotency_key=key)

    # What cannot be: another's site, one that is closed, an assessment of a site, an old revision, nobody's rights.
    stranger, viewer = await firm.house.sign_up("supplier"), await firm.house.join(firm.office, "viewer")
    with pytest.raises(errors.NotFound):
        async with firm.house.act(stranger) as (session, actor):
            await pushing.push_answers(session, actor, source_id=source, questions=["area"], mode="locked")
    with pytest.raises(errors.NotAllowed):
        async with firm.house.act(viewer) as (session, actor):
            await pushing.push_answers(session, actor, source_id=source, questions=["area"], mode="locked")
    with pytest.raises(errors.InvalidInput) as wrong:
        await firm.push(mill, ["area"], "locked")
    assert wrong.value.code == "SUBJECT"
    async with firm.house.act(firm.office) as (session, actor):
        await sites.set_archived(session, actor, site_id=firm.places[0], archived=True)
    with pytest.raises(errors.NotFound):
        await firm.push(source, ["area"], "locked", site_ids=firm.places[:1])
    assert {one.site_id for one in (await firm.push(source, ["area"], "locked")).sites} == set(firm.places[1:])
    assert {one.site_id for one in (await firm.release(source)).sites} == set(firm.places)


@pytest.mark.slow
async def test_the_documents_of_an_answer_come_along(firm: Firm) -> None:
    source, mill = await firm.start(None), await firm.start(firm.places[1])
    await firm.save(firm.office, source, write("trained", "80"), write("area", "5"))
    await firm.save(firm.site, mill, write("area", "7"))

    async def attach(question: str) -> UUID:
        made = ids.new_id()
        await firm.house.fetch(
            "INSERT INTO portal.evidence (supplier_id, id, file_name, kind) VALUES ($1, $2, 'a.pdf', 'record')",
            firm.office.organization,
            made,
        )
        await firm.house.fetch(
            "INSERT INTO portal.evidence_link (supplier_id, assessment_id, question, evidence_id)"
            " VALUES ($1, $2, $3, $4)",
            firm.office.organization,
            source,
            question,
            made,
        )
        return made

    async def list_links() -> list[tuple[str, UUID]]:
        found = await firm.house.fetch(
            "SELECT question, evidence_id FROM portal.evidence_link WHERE assessment_id = $1 ORDER BY evidence_id", mill
        )
        return [(row["question"], row["evidence_id"]) for row in found]

    async def count() -> int:
        async with firm.house.act(firm.site) as (session, actor):
            return (await assessments.get_assessment(session, actor, mill)).change_number

    # With the answer; not where it met another one. A document that comes later is a change of the draft by itself.
    first = await attach("trained")
    await attach("area")
    act = await firm.push(source, ["trained", "area"], "suggested")
    assert sorted(outcomes(act).values()) == ["conflict", "saved"]
    assert await list_links() == [("trained", first)]
    number = await count()
    second = await attach("trained")
    assert set(outcomes(await firm.push(source, ["trained"], "suggested")).values()) == {"unchanged"}
    assert await list_links() == [("trained", first), ("trained", second)]
    assert await count() == number + 1
    await firm.push(source, ["trained"], "suggested")
    assert await count() == number + 1
    assert outcomes(await firm.release(source, questions=["\x00", "nothing"])) == {}


@pytest.mark.slow
async def test_the_plan_of_a_gap_is_the_sites_own_whatever_is_pushed_over_its_answer(firm: Firm) -> None:
    source, mill = await firm.start(None), await firm.start(firm.places[1])
    await firm.save(firm.office, source, write("trained", "40"))
    plan = Plan(
        text="Courses in spring", due_on=datetime.now(UTC).date() + timedelta(days=30), owner=str(firm.site.user)
    )

    async def save(value: str, base: int, wanted: Plan | None, **more: Any) -> tuple[str, str | None]:
        sent = write("trained", value, base, plan=wanted, keeps_plan=False, **more)
        (outcome,) = (await firm.save(firm.site, mill, sent)).outcomes
        return outcome.status, outcome.problem and outcome.problem.code

    async def tell_plan() -> tuple[Any, ...]:
        content = (await firm.read(mill))["trained"].content
        assert content is not None
        return (*await firm.tell(mill, "trained"), content.plan and content.plan["text"])

    assert await save("30", 0, plan) == ("saved", None)
    assert outcomes(await firm.push(source, ["trained"], "suggested")) == {(firm.places[1], "trained"): "conflict"}
    async with firm.house.act(firm.site) as (session, actor):
        _, (conflict,) = await conflicts.list_conflicts(session, actor, assessment_id=mill, limit=100)
    assert conflict.written.plan is None
    await firm.push(source, ["trained"], "locked")
    assert await tell_plan() == ("40", "locked", 2, plan.text)
    async with firm.house.act(firm.site) as (session, actor):
        parts = {"assessment_id": mill, "question": "trained", "row_id": None, "limit": 25}
        _, rows = await answer_history.list_history(session, actor, **parts)
    assert {row.outcome: row.plan and row.plan["text"] for row in rows if row.source == "head_office"} == {
        "conflict": None,
        "saved": plan.text,
    }

    # The site may still change its plan, and nothing else; what is wrong with a plan never keeps it from being saved.
    other = replace(plan, text="Courses in autumn")
    late = replace(plan, due_on=date(2020, 1, 1))
    assert await save("31", 2, late) == ("refused", "set_by_head_office")
    assert await save("40", 2, late) == ("saved", None)
    assert await save("40", 3, other) == ("saved", None)
    assert await tell_plan() == ("40", "locked", 4, other.text)
    assert (await firm.read(mill))["trained"].carried_from == source
    assert outcomes(await firm.push(source, ["trained"], "locked")) == {(firm.places[1], "trained"): "unchanged"}
    await firm.release(source)
    assert await tell_plan() == ("40", "to_confirm", 5, other.text)
    assert await save("40", 5, None) == ("saved", None)
    assert (await tell_plan())[3] is None
