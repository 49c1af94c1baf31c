"""The typed Python client that is generated from the journeys: it is current, and it goes the supplier's way."""

import datetime
import filecmp
import os
import subprocess
from pathlib import Path
from typing import Any, TypeVar

import pytest

from portal.database import ids
from tests import databases
from tests.clients import open_client
from tests.journeys import buying, documents, supplying, world
from tests.journeys.client import PortalClient, enums, input_types
from tests.journeys.client import accept_request as accepting
from tests.journeys.client import save_answers as saving

CLIENT = documents.FOLDER / "client"
T = TypeVar("T")


@pytest.mark.slow
def test_the_client_is_current(tmp_path: Path) -> None:
    run_script("setup", "codegen")
    run_script("client", str(tmp_path))
    names = sorted(path.name for path in CLIENT.glob("*.py"))
    assert sorted(path.name for path in (tmp_path / "client").glob("*.py")) == names
    _, different, missing = filecmp.cmpfiles(CLIENT, tmp_path / "client", names, shallow=False)
    assert (different, missing) == ([], []), "The schema or a journey has changed: run `make codegen`."


def run_script(name: str, *arguments: str) -> None:
    """Run one of .ci; where the generator cannot be installed the test is skipped, but not in CI."""
    done = subprocess.run(
        [databases.ROOT / ".ci" / name, *arguments], cwd=databases.ROOT, capture_output=True, text=True, check=False
    )
    if done.returncode and name == "setup" and os.environ.get("CI") != "true":
        pytest.skip(f"the generator cannot be installed here: {done.stderr[-300:]}")
    assert done.returncode == 0, done.stderr


def expect(result: Any, kind: type[T]) -> T:
    """The success type, for the program and the type checker."""
    assert isinstance(result, kind), result
    return result


@pytest.mark.slow
def test_the_supplier_goes_its_way_with_the_typed_client(database: databases.TestDatabase) -> None:
    with world.open_world(database) as portal:
        databases.run(lambda: tell(portal))


async def tell(portal: world.World) -> None:
    """From the letter to the receipts, as in the document's journey."""
    buyer = await buying.found_buyer(portal)
    mill = (await buying.bring_suppliers_in(buyer))["Riverside Knitting Mill"]["id"]
    await buying.ask_supplier(buyer, mill)
    token = await join(portal, await portal.mailbox.read_token(buying.SUPPLIER))
    url, headers = f"{portal.url}/graphql", {"authorization": f"Bearer {token}"}
    async with PortalClient(url, headers) as client:
        (edge,) = (await client.read_received_requests()).received_requests.edges
        assessment = await accept(client, edge.node.id)
        number = await answer(client, assessment)
        await add_evidence(portal, client, assessment)
        await declare_gap(client, assessment)
        submission = await submit(client, assessment, number + 2)
        share = await share_result(client, submission, edge.node.id)
        await buying.read_what_is_shared(buyer, mill, supplying.EVIDENCE)
        receipts = (await client.read_receipts()).read_receipts.edges
        assert {one.node.kind for one in receipts} == {enums.ReceiptKind.ANSWERS, enums.ReceiptKind.EVIDENCE}
        assert all(isinstance(one.node.read_at, datetime.datetime) for one in receipts)
        revoked = (await client.revoke_share(input_types.RevokeShareInput(share_id=share))).revoke_share
        assert revoked.typename__ == "ShareRevoked"
        assert revoked.share.state is enums.ShareState.REVOKED


async def join(portal: world.World, invitation: str) -> str:
    """Register from the invitation and found the organization; gives the session's token."""
    async with PortalClient(f"{portal.url}/graphql") as client:
        shown = (await client.read_invitation(invitation)).invitation
        assert shown is not None
        assert shown.kind is enums.InvitationKind.SUPPLIER
        given = input_types.RegisterAccountInput(
            email=buying.SUPPLIER, password=buying.PASSWORD, name="Minh Anh", invitation_token=invitation
        )
        registered = (await client.register_supplier(given)).register_account
        assert registered.typename__ == "AccountRegistered"
        assert registered.token is not None
    async with PortalClient(f"{portal.url}/graphql", {"authorization": f"Bearer {registered.token}"}) as client:
        facts = input_types.NewOrganizationInput(
            name="Riverside Knitting Mill Ltd", country="VN", size=enums.OrganizationSize.SMALL
        )
        accepted = await client.accept_invitation(
            input_types.AcceptSupplierInvitationInput(token=invitation, new_organization=facts)
        )
        assert accepted.accept_supplier_invitation.typename__ == "SupplierInvitationAccepted"
    return registered.token


async def accept(client: PortalClient, request: str) -> str:
    accepted = (await client.accept_request(input_types.AcceptRequestInput(request_id=request))).accept_request
    found = expect(accepted, accepting.AcceptRequestAcceptRequestRequestAccepted)
    assert found.outcome is enums.AcceptOutcome.STARTED
    assert found.assessment.tier is enums.QuestionnaireTier.MICRO
    return found.assessment.id


async def answer(client: PortalClient, assessment: str) -> int:
    """Answers in two calls, the second with a replay and a conflict; gives the change number."""
    first, *others = (write(question, **value) for question, value in supplying.ANSWERS.items())
    assert [one.revision for one in (await save(client, assessment, first)).results] == [1]
    saved = await save(client, assessment, first, write("headcount", number="99"), *others)
    replay, conflict, *rest = saved.results
    assert (replay.status, replay.write_id) == (enums.WriteStatus.SAVED, first.write_id)
    assert conflict.status is enums.WriteStatus.CONFLICT
    assert conflict.yours is not None
    assert conflict.yours.value is not None
    assert conflict.yours.value.number == 99
    assert {one.status for one in rest} == {enums.WriteStatus.SAVED}
    return saved.change_number


def write(question: str, **value: Any) -> input_types.AnswerWriteInput:
    return input_types.AnswerWriteInput(
        write_id=ids.new_id(), question=question, base_revision=0, value=input_types.AnswerValueInput(**value)
    )


async def save(
    client: PortalClient, assessment: str, *answers: input_types.AnswerWriteInput
) -> saving.SaveAnswersSaveAnswersAnswersSaved:
    given = input_types.SaveAnswersInput(assessment_id=assessment, answers=list(answers))
    return expect((await client.save_answers(given)).save_answers, saving.SaveAnswersSaveAnswersAnswersSaved)


async def add_evidence(portal: world.World, client: PortalClient, assessment: str) -> None:
    """Upload, wait for the worker, attach."""
    given = input_types.CreateEvidenceUploadInput(file_name="exits.pdf", kind=enums.EvidenceKind.RECORD)
    made = (await client.create_evidence_upload(given)).create_evidence_upload
    assert made.typename__ == "EvidenceUploadCreated"
    assert made.upload is not None
    headers = {header.name: header.value for header in made.upload.headers}
    async with open_client(base_url=portal.url) as plain:
        sent = await plain.request(made.upload.method, made.upload.url, content=supplying.EVIDENCE, headers=headers)
    assert sent.status_code == 201
    caller = documents.Caller(portal.url, "supplier", client.headers["authorization"].removeprefix("Bearer "))  # type: ignore[index]
    await caller.wait_for("ReadEvidence", "state", "AVAILABLE", id=made.evidence.id)
    attach = input_types.AttachEvidenceInput(
        assessment_id=assessment, question="exits_during_work", evidence_id=made.evidence.id
    )
    assert (await client.attach_evidence(attach)).attach_evidence.typename__ == "EvidenceAttached"


async def declare_gap(client: PortalClient, assessment: str) -> None:
    """One gap gets a plan, a day and an owner."""
    (edge,) = (await client.read_colleagues()).members.edges
    due = datetime.datetime.now(datetime.UTC).date() + datetime.timedelta(days=90)
    plan = input_types.GapPlanInput(text="A drill each spring", due_on=due, owner_id=edge.node.id)
    given = write("fire_readiness", **supplying.ANSWERS["fire_readiness"])
    given = given.model_copy(update={"base_revision": 1, "plan": plan})
    sent = input_types.SaveAnswersInput(assessment_id=assessment, answers=[given])
    done = (await client.declare_gap(sent)).save_answers
    assert done.typename__ == "AnswersSaved"
    assert [one.status for one in done.results] == [enums.WriteStatus.SAVED]


async def submit(client: PortalClient, assessment: str, number: int) -> str:
    """Preview and freeze; gives the submission's id."""
    seen = (await client.preview_score(assessment)).score_preview
    given = input_types.SubmitAssessmentInput(assessment_id=assessment, expected_change_number=number)
    done = (await client.submit_assessment(given)).submit_assessment
    assert done.typename__ == "AssessmentSubmitted"
    result = done.submission.result
    assert result is not None
    assert (result.total, result.band) == (seen.total, seen.band)
    return done.submission.id


async def share_result(client: PortalClient, submission: str, request: str) -> str:
    """Share the summary, one section and its evidence for the request; gives the share's id."""
    given = input_types.ShareResultInput(
        submission_id=submission, request_id=request, sections=["fire_and_building"], include_evidence=True
    )
    shared = (await client.share_result(given)).share_result
    assert shared.typename__ == "ResultShared"
    assert shared.fulfilled_request_ids == [request]
    return shared.share.id
