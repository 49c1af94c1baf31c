"""Two suppliers and their buyers work side by side, and no word of one comes to another unless it is shared or said."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
import structlog

from tests import databases, people
from tests.hostile import surface
from tests.hostile.tenants import telling, walking, writing
from tests.hostile.tenants.model import Model, Share, Work
from tests.hostile.tenants.town import LeakError, Town, open_town

pytestmark = pytest.mark.slow  # hundreds of steps by HTTP
# What must have happened in a walk, or it would show nothing; and how often at least things came out.
DONE = [
    "updateOrganization", "updateProfile", "inviteMember", "createApiKey", "createWebhookEndpoint", "addSite",
    "addSupplier", "tagSuppliers", "segmentSuppliers", "confirmSupplierList", "createCampaign", "setCadence",
    "publishQuestionnaire", "startAssessment", "saveAnswers", "addComment", "attachEvidence", "updateEvidence",
    "createRequests", "acceptRequest", "declineRequest", "suggestContact", "submitAssessment", "correctAssessment",
    "shareResult", "changeShare", "revokeShare", "endAccess", "requestAccess", "refuseAccess", "makeStatement",
    "askClarification", "replyToClarification", "giveFeedback", "openDispute", "commentDispute",
    "createEvidenceDownload",
]  # fmt: skip
LEAST = {
    "words": 2_000, "words of others, by right": 300, "fields read": 500, "letters": 50, "webhooks": 200,
    "socket messages": 10, "log lines": 1_000, "metrics": 5, "misused": 80, "document 200": 10, "xlsx 200": 3,
    "csv 200": 3, "pdf 200": 3, "fhir.json 200": 3,
}  # fmt: skip


async def test_no_word_comes_where_it_may_not_be(database: databases.TestDatabase, tmp_path: Path) -> None:
    town = await walking.walk(database, tmp_path, 1)
    assert [name for name in DONE if not town.seen[f"{name} done"]] == []
    assert {name: town.seen[name] for name, least in LEAST.items() if town.seen[name] < least} == {}


@pytest.mark.soak(part="tenants")
async def test_no_word_comes_where_it_may_not_be_for_long(
    database_server: databases.Server,
    database_template: str,
    tmp_path_factory: pytest.TempPathFactory,
    record_property: Callable[[str, object], None],
) -> None:
    seen: Counter[str] = Counter()
    for seed in range(2, 22):
        with databases.copy_template(database_server, database_template) as made:
            seen += (await walking.walk(made, tmp_path_factory.mktemp("files"), seed)).seen
    record_property(
        "figures",
        f"20 towns of two suppliers and two buyers, {20 * walking.STEPS:,} steps; {seen['words']:,} words looked at in"
        f" answers, files, {seen['letters']:,} letters, {seen['webhooks']:,} webhooks, {seen['socket messages']:,}"
        f" socket messages and {seen['log lines']:,} log lines, {seen['words of others, by right']:,} of others"
        " by right; 0 where they may not be",
    )


OPEN_SHARES = (
    "CREATE OR REPLACE FUNCTION portal.share_is_live(item portal.share) RETURNS boolean LANGUAGE sql STABLE"
    " AS $$ SELECT item.buyer_id IS NOT NULL $$"
)
OPEN_SECTIONS = (
    "CREATE OR REPLACE FUNCTION portal.may_read_section(supplier uuid, submission uuid, wanted text) RETURNS boolean"
    " LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$ SELECT portal.may_read_submission(supplier,"
    " submission) $$"
)


async def share_one_section(town: Town) -> None:
    """A submission of the first supplier, of which its buyer sees one section."""
    await writing.begin(town, "s1")
    await telling.submit(town, "s1")
    (name,) = town.model.submissions
    given = {"submissionId": name, "buyerId": telling.name_organization(town, "b1"), "purpose": "Trust"}
    made = await town.attempt("s1", "shareResult", **given, sections=["facts"])
    town.model.shares[made["share"]["id"]] = Share("s1", "b1", name, False, ("facts",), False)
    await town.settle()  # the worker puts it on the buyer's card


async def look_at_profile(town: Town) -> None:
    """All that the buyer gets of its supplier, which holds some words of it by right."""
    wanted = {"id": town.records["b1", "s1"], "questionnaire": "sample"}
    for document in surface.list_documents("supplier", wanted):
        await town.post("b1", document, **wanted)


async def revoke_it(town: Town) -> None:
    (share,) = town.model.shares
    await town.attempt("s1", "revokeShare", shareId=share)
    town.model.shares[share].is_live = False


@pytest.mark.parametrize(
    ("statement", "is_over"),
    [
        pytest.param(OPEN_SHARES, True, id="a share that does not end"),
        pytest.param(OPEN_SECTIONS, False, id="sections that were not shared"),
    ],
)
async def test_a_wall_that_is_loosened_is_found(
    database: databases.TestDatabase, tmp_path: Path, statement: str, is_over: bool
) -> None:
    async with open_town(database, tmp_path, 1) as town:
        await walking.begin(town)
        await share_one_section(town)
        await look_at_profile(town)
        assert town.seen["words of others, by right"] > 1  # the name alone would be one
        if is_over:
            await revoke_it(town)
            await look_at_profile(town)
        await people.run_sql(database, statement)
        with pytest.raises(LeakError, match=r"an answer shows b1 zxs1.* which s1 wrote by saveAnswers"):
            await look_at_profile(town)


async def test_a_word_in_a_letter_line_webhook_or_figure_is_found(
    database: databases.TestDatabase, tmp_path: Path
) -> None:
    async with open_town(database, tmp_path, 1) as town:
        secret = town.model.mint("s2", "a test")
        structlog.get_logger().info("request", path=f"/exports/{secret}")
        with pytest.raises(LeakError, match="a line of the log shows whoever looks zxs2"):
            await town.look_around()
        with pytest.raises(LeakError, match="a webhook shows b1 zxs2"):
            town.check("b1", [f"x {secret.upper()}"], "a webhook", ever=True)


def test_the_model_knows_what_is_open() -> None:
    model = Model()
    word, name = model.mint("s1", "saveAnswers"), model.mint("s1", "founding")
    model.words[name].is_name = True
    assert model.list_foreign("b1", [f"{word} {name}"]) == {word, name}
    model.links.add(("b1", "s1"))
    assert model.list_foreign("b1", [f"{word} {name}"]) == {word}
    model.submissions["one"] = Work("s1", 0, {"remark": (word,)})
    model.submissions["two"] = Work("s1", 1, {"remark": (word,)})
    model.shares["x"] = Share("s1", "b1", "one", False, ("labour",), False)
    assert model.list_foreign("b1", [word]) == {word}
    model.shares["x"].sections = ("facts",)
    assert model.list_foreign("b1", [word]) == set()
    assert model.list_foreign("b2", [word]) == {word}
    assert model.list_foreign(None, [word]) == {word}
    model.submissions["one"].is_withdrawn = True
    assert model.list_foreign("b1", [word]) == {word}
    assert model.list_foreign("b1", [word], ever=True) == set()
    model.submissions["one"].is_withdrawn, model.shares["x"].is_live = False, False
    assert model.list_foreign("b1", [word]) == {word}
