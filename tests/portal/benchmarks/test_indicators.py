"""Impact indicators in releases: rates that are marked, in steps of their own, under the rules of every figure."""

from decimal import Decimal

from portal.assessments import publishing
from portal.benchmarks import verification
from questionnaires.catalogue import Packaged
from questionnaires.rates import Scale
from tests import people
from tests.portal.assessments import sample
from tests.portal.benchmarks.conftest import INDICATED
from tests.portal.benchmarks.population import LATER, SETTLED, Population, find, spread, write_answer, write_section

ENERGY = [f"{place + 3}.{place % 10}" for place in range(12)]


async def read_values(firms: Population, measure: str) -> list[int]:
    rows = await firms.connection.fetch(
        "SELECT value FROM portal.contribution WHERE measure = $1 ORDER BY release_number, value", measure
    )
    return [row["value"] for row in rows]


async def verify(firms: Population, number: int = 1) -> list[str]:
    async with people.open_session(firms.database.worker_url) as session:
        return await verification.verify_release(session, number)


async def test_a_marked_rate_enters_in_steps_of_its_last_decimal(measured: Population) -> None:
    await measured.submit(await measured.add_firms(12), spread(12), answers={"energy": ENERGY})
    made = await measured.release()
    outcome = find(made, measure="indicator:energy")
    assert outcome.scale == Scale("kWh/piece", Decimal("0.1"), "down")
    assert await read_values(measured, "indicator:energy") == [1000 * (n + 3) + 100 * (n % 10) for n in range(12)]
    assert outcome.decision.figures is not None
    assert (outcome.decision.figures.count_band, outcome.decision.figures.mean) == ("10-19", 89)  # 8.9 kWh/piece
    row = await measured.connection.fetchrow(
        "SELECT unit, step, direction, mean FROM portal.release_cell"
        " WHERE measure = 'indicator:energy' AND mean IS NOT NULL"
    )
    assert tuple(row) == ("kWh/piece", Decimal("0.1"), "down", 89)
    points = await measured.connection.fetch(
        "SELECT DISTINCT unit, step FROM portal.release_cell WHERE measure = 'total'"
    )
    assert [tuple(one) for one in points] == [("point", Decimal(1))]
    assert await verify(measured) == []


async def test_amounts_and_rates_that_nobody_marked_never_enter(measured: Population) -> None:
    shares = [str(place + 20) for place in range(12)]
    given = {"power": ENERGY, "secret": shares, "cover": shares, "headcount": shares}
    await measured.submit(await measured.add_firms(12), spread(12), answers=given)
    made = await measured.release()
    assert {one.measure for one in made.outcomes} == {
        *("total", "pillar:labour", "pillar:safety", "question:exits_locked", "question:trained"),
        *("indicator:cover", "indicator:energy", "indicator:site_share", "indicator:trained"),
    }
    assert {one.measure for one in made.outcomes if one.decision.figures} == {
        "total", "pillar:labour", "indicator:cover"
    }  # fmt: skip
    async with people.open_session(measured.database.worker_url) as session:
        connection = await session.connection()
        found = await connection.exec_driver_sql(
            "SELECT DISTINCT question FROM portal.list_benchmark_values(1, 'sample')"
        )
        assert [row.question for row in found] == ["cover"]


async def test_what_is_not_known_is_no_zero_and_a_group_counts_with_its_mean(measured: Population) -> None:
    (group,) = await measured.add_groups(1)
    await measured.submit(
        await measured.add_firms(2, groups=[group] * 2), [4000, 5000], answers={"cover": ["30", "61"]}
    )
    some = [str(place + 40) for place in range(10)]
    await measured.submit(await measured.add_firms(11), spread(11), answers={"cover": [*some, None]})
    made = await measured.release()
    assert find(made).decision.detail["contributors"] == 12
    assert find(made, measure="indicator:cover").decision.detail["contributors"] == 11
    assert (await read_values(measured, "indicator:cover"))[:7] == [4000, 4100, 4200, 4300, 4400, 4500, 4550]


async def test_rows_of_a_list_count_with_their_mean(measured: Population) -> None:
    made_firms = await measured.add_firms(1)
    (submission,) = await measured.submit(made_firms, [4000])
    rows = ", ".join(
        f'{{"row": "r{place}", "answers": {{"site_share": {{"state": "{state}", "value": "{value}"}}}}}}'
        for place, (state, value) in enumerate([("value", "20"), ("value", "45.5"), ("unknown", "99")])
    )
    section = write_section(made_firms[0].id, submission, "facts", None)
    answers = f'{{"site_rates": {{"state": "value", "value": [{rows}]}}}}'
    await measured.insert("submission_section", [section | {"answers": answers}])
    await measured.release()
    assert await read_values(measured, "indicator:site_share") == [3275]


async def test_an_indicator_follows_the_rules_of_every_figure(measured: Population) -> None:
    few = await measured.add_firms(9, country="DE")
    await measured.submit(few, spread(9), answers={"cover": [str(n + 10) for n in range(9)]})
    twelve = await measured.add_firms(12)
    heavy = ["900.0", *["10.0"] * 11]
    await measured.submit(twelve, spread(12), answers={"energy": heavy, "cover": ["100"] * 12})
    made = await measured.release()
    assert find(made, "basic/*/*/*", "indicator:cover").decision.reason == "TOO_FEW"
    assert find(made, measure="indicator:energy").decision.reason == "DOMINATED"
    assert find(made, measure="indicator:cover").decision.detail["rule"] == "end_of_range"


async def test_four_changes_keep_an_indicator_and_five_renew_it(measured: Population) -> None:
    twelve = await measured.add_firms(12)
    await measured.submit(twelve, spread(12), answers={"energy": ENERGY})
    before = find(await measured.release(), measure="indicator:energy").decision
    at = SETTLED.replace(month=6)
    await measured.submit(twelve[:4], spread(4), at=at, answers={"energy": ["9.0", "9.1", "9.2", "9.3"]})
    kept = find(await measured.release(*LATER), measure="indicator:energy").decision
    assert (kept.reason, kept.kept_from, kept.figures) == ("UNCHANGED", 1, before.figures)
    assert await verify(measured, 2) == []


async def test_a_value_beyond_every_number_counts_as_the_most_there_is(measured: Population) -> None:
    wild = ["9" * 18, *ENERGY[1:]]
    await measured.submit(await measured.add_firms(12), spread(12), answers={"energy": wild})
    made = await measured.release()
    assert find(made, measure="indicator:energy").decision.reason == "DOMINATED"
    assert (await read_values(measured, "indicator:energy"))[-1] == 2_000_000_000


async def test_verify_finds_a_changed_value_and_a_changed_unit(measured: Population) -> None:
    await measured.submit(await measured.add_firms(12), spread(12), answers={"energy": ENERGY})
    await measured.release()
    await measured.connection.execute(
        "UPDATE portal.contribution SET value = value + 500 WHERE measure = 'indicator:energy'"
    )
    await measured.connection.execute(
        "UPDATE portal.release_cell SET unit = 'MJ/piece' WHERE measure LIKE 'indicator:%'"
    )
    faults = await verify(measured)
    name = "sample/basic/C/Asia/small indicator:energy"
    assert f"{name}: 12 values are not those of the results that count" in faults
    assert f"{name}: in steps of 0.1 MJ/piece" in faults
    await measured.connection.execute("UPDATE portal.questionnaire SET benchmark_approved_at = NULL")
    assert f"{name}: 12 values are not those of the results that count" not in await verify(measured)


async def publish_again(measured: Population, version: str, *changes: tuple[str, str]) -> None:
    source = INDICATED.replace("version: 1.0.0", f"version: {version}")
    for old, new in changes:
        assert old in source
        source = source.replace(old, new)
    profile = sample.make_profile(sample.PROFILE.replace("version: 1.0.0", f"version: {version}"))
    packaged = Packaged(sample.make_definition(source), (profile,))
    await publishing.publish_with_login(measured.database.owner_url, [packaged])


async def test_the_first_release_fixes_the_step(measured: Population) -> None:
    """In finer steps all values would differ, and the figures of eleven would tell the twelfth's."""
    twelve = await measured.add_firms(12)
    made = await measured.submit(twelve, spread(12), answers={"energy": ENERGY})
    before = find(await measured.release(), measure="indicator:energy").decision
    await publish_again(measured, "1.1.0", ("decimals: 1, benchmark", "decimals: 3, benchmark"))
    await measured.connection.execute("UPDATE portal.submission SET version = '1.1.0' WHERE id = $1", made[0])
    await measured.insert("benchmark_choice", [{"organization_id": twelve[1].id, "takes_part": False}])
    after = find(await measured.release(*LATER), measure="indicator:energy")
    assert (after.scale.step, after.decision.kept_from, after.decision.figures) == (Decimal("0.1"), 1, before.figures)


async def test_an_indicator_whose_unit_changed_is_compared_no_more(measured: Population) -> None:
    twelve = await measured.add_firms(12)
    made = await measured.submit(twelve, spread(12), answers={"energy": ENERGY})
    await measured.release()
    await publish_again(measured, "2.0.0", ("kWh/piece", "MJ/piece"))
    await measured.connection.execute("UPDATE portal.submission SET version = '2.0.0' WHERE id = $1", made[0])
    later = await measured.release(*LATER)
    assert "indicator:energy" not in {one.measure for one in later.outcomes}


async def test_answers_to_another_meaning_are_left_out(measured: Population) -> None:
    twelve = await measured.add_firms(12)
    made = await measured.submit(twelve, spread(12), answers={"energy": ENERGY})
    await publish_again(measured, "2.0.0", ("title: Energy, why", "title: Energy, meaning: 2, why"))
    await measured.connection.execute("UPDATE portal.submission SET version = '2.0.0' WHERE id = ANY($1)", made[:10])
    assert find(await measured.release(), measure="indicator:energy").decision.detail["contributors"] == 10


async def test_an_indicator_that_joins_later_tells_nothing_of_who_left(measured: Population) -> None:
    """Points may be the answer itself: the mean points of twelve and the mean answer of eleven tell the twelfth's."""
    twelve = await measured.add_firms(12)
    shares = [str(place + 20) for place in range(12)]
    made = await measured.submit(twelve, spread(12), points={"trained": shares})
    assert find(await measured.release(), measure="question:trained").decision.figures is not None
    rows = [write_answer(f.id, s, "trained", one) for f, s, one in zip(twelve, made, shares, strict=True)]
    await measured.insert("submission_section", rows)
    await measured.insert("benchmark_choice", [{"organization_id": twelve[0].id, "takes_part": False}])
    decision = find(await measured.release(*LATER), measure="indicator:trained").decision
    assert (decision.reason, decision.detail["rule"]) == ("WOULD_DISCLOSE", "difference")


async def test_points_and_answers_of_one_question_are_published_together(measured: Population) -> None:
    shares = [str(place + 20) for place in range(12)]
    given = {"trained": shares}
    await measured.submit(await measured.add_firms(12), spread(12), points=given, answers=given)
    made = await measured.release()
    figures = [find(made, measure=f"{kind}:trained").decision.figures for kind in ("question", "indicator")]
    assert figures[0] == figures[1] is not None
