"""A micro supplier on a phone: from the invitation to a shared result in a dozen calls, however long the form is."""

from typing import Any

import pytest

from portal.assessments import publishing
from portal.database import ids
from questionnaires.catalogue import Packaged
from tests import databases, people
from tests.graphql_schema import portals
from tests.graphql_schema.assessments.documents import CREATE, add_record, decode, do, make_ask, write, write_all
from tests.graphql_schema.portals import Portal
from tests.journeys.documents import Caller
from tests.portal.assessments import sample
from tests.statements import record_statements

MOST_CALLS = 12
MORE = 60  # questions that the long form has beside those of the short one
SHORT, LONG = "sample", "wide"


def make_long() -> Packaged:
    """The sample with many more questions, in another section, too."""
    asked = [
        f"      - {{key: more_{number}, type: integer, tier: micro, kind: fact, title: More {number}, why: Size.,"
        " unit: person}\n"
        for number in range(MORE)
    ]
    questionnaire = sample.QUESTIONNAIRE.replace("key: sample\n", f"key: {LONG}\n")
    head, mark, tail = questionnaire.partition("  - key: labour\n    title: Pay\n")
    assert mark
    other = ["  - key: more\n    title: More\n    questions:\n", *asked[MORE // 2 :]]
    made = "".join([head, *asked[: MORE // 2], *other, mark, tail]).replace("concept: workforce.headcount, ", "")
    profile = sample.PROFILE.replace("questionnaire: sample", f"questionnaire: {LONG}")
    return Packaged(sample.make_definition(made), (sample.make_profile(profile),))


class Phone(Caller):
    """A caller that counts its calls, and the statements that each takes."""

    def __init__(self, house: Portal) -> None:
        super().__init__(house.url.removesuffix("/graphql"), "supplier")
        self.engine = house.app.state.services.database.engine.sync_engine
        self.statements: dict[str, int] = {}

    async def ask(self, operation: str, **variables: Any) -> Any:
        with record_statements(self.engine) as sent:
            found = await super().ask(operation, **variables)
        self.statements[operation] = len(sent)
        return found

    async def fetch(self, url: str) -> bytes:
        with record_statements(self.engine) as sent:
            found = await super().fetch(url)
        self.done.append("document")
        self.statements["document"] = len(sent)
        return found


async def invite(house: Portal, questionnaire: str) -> tuple[str, str]:
    """Address and token of a supplier that a buyer asked and invited."""
    buyer, email = await house.sign_up("buyer"), f"{ids.new_id()}@mill.example"
    record = await add_record(house, buyer)
    asked = await do(house, CREATE, buyer, **make_ask(record, questionnaire=questionnaire))
    assert asked["createdCount"] == 1, asked
    return email, await people.invite(house.database, buyer.organization, "supplier", email, record=decode(record))


async def tell(house: Portal, questionnaire: str) -> Phone:
    """All of it, with everything that a phone has to ask to show it."""
    email, token = await invite(house, questionnaire)
    phone = Phone(house)
    assert (await phone.ask("ReadInvitation", token=token))["requests"] == 1
    made = {"email": email, "password": people.PASSWORD, "name": "Minh", "locale": "vi", "timeZone": "Asia/Ho_Chi_Minh"}
    phone.token = (await phone.do("RegisterSupplier", **made, invitationToken=token))["token"]
    facts = {"name": "Knitting Mill", "country": "VN", "sector": "14", "size": "MICRO"}
    await phone.do("AcceptInvitation", token=token, newOrganization=facts)
    firm = (await house.ask("{ viewer { organization { locale timeZone } } }", phone.token))["data"]["viewer"]
    assert firm["organization"] == {"locale": made["locale"], "timeZone": made["timeZone"]}  # a day is due there
    (edge,) = (await phone.ask("ReadReceivedRequests"))["edges"]
    request = edge["node"]["id"]
    assessment = (await phone.do("AcceptRequest", requestId=request))["assessment"]["id"]
    form = await phone.ask("ReadQuestionnaire", questionnaire=questionnaire, tier="MICRO")
    await phone.fetch(form["documentPath"])
    asked = [one["key"] for section in form["sections"] for one in section["questions"]]
    sent = [*write_all(), *(write(key, number="1") for key in asked if key.startswith("more_"))]
    assert len(asked) == 7 + (MORE if questionnaire == LONG else 0)
    saved = await phone.do("SaveAnswers", assessmentId=assessment, answers=sent)
    assert {one["status"] for one in saved["results"]} == {"SAVED"}
    seen = await phone.ask("PreviewScore", assessment=assessment)
    assert (seen["changeNumber"], seen["problems"]) == (len(sent), [])
    given = {"assessmentId": assessment, "expectedChangeNumber": len(sent), "idempotencyKey": f"submit-{assessment}"}
    submitted = await phone.do("SubmitAssessment", **given)
    share = {"submissionId": submitted["submission"]["id"], "requestId": request, "sections": ["labour"]}
    await phone.do("PreviewShare", **share, includeEvidence=False)
    shared = await phone.do("ShareResult", **share, includeEvidence=False)
    assert (shared["share"]["state"], shared["fulfilledRequestIds"]) == ("LIVE", [request])
    return phone


@pytest.mark.slow
async def test_a_dozen_calls_and_no_more_statements_for_more_questions(database: databases.TestDatabase) -> None:
    await publishing.publish_with_login(database.owner_url, [sample.make_packaged(), make_long()])
    async with portals.run_portal(database) as house:
        for questionnaire in (SHORT, LONG):  # what is remembered of a form is remembered from here on
            await tell(house, questionnaire)
        short, long = await tell(house, SHORT), await tell(house, LONG)
    assert short.done == long.done
    assert len(long.done) <= MOST_CALLS, long.done
    assert short.statements == long.statements
    assert all(long.statements[one] for one in long.statements if one != "document"), long.statements
