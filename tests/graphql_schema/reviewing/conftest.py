"""The stage of the sharing tests with a submission that has documents, and a third party that the operator approved."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests import databases
from tests.graphql_schema.reviewing import documents
from tests.graphql_schema.sharing import stage as stages
from tests.graphql_schema.sharing.stage import Stage, Submitted
from tests.graphql_schema.sharing.test_evidence import ATTACH
from tests.portal.assessments import files
from tests.portal.assessments.house import Caller

UNTIL = "2027-06-01T00:00:00Z"
SECTIONS = ["facts", "labour", "safety"]


@dataclass
class Review:
    """A submission with a document in the section labour and another in facts, and who looks at it."""

    stage: Stage
    reviewer: Caller
    submitted: Submitted
    document: str  # behind fees_repaid, in labour
    other: str  # behind remark, in facts

    @property
    def result(self) -> str:
        """The submission as readers name it."""
        return self.stage.name("shrd", self.stage.weaver, self.submitted.id)

    async def share(self, buyer: Caller, *sections: str, **changed: Any) -> str:
        return await self.stage.share(self.stage.weaver, buyer, self.submitted, sections=list(sections), **changed)

    async def state(self, caller: Caller, *findings: dict[str, Any], **more: Any) -> Any:
        return await self.stage.change(caller, documents.STATE, resultId=self.result, findings=list(findings), **more)

    async def read(self, caller: Caller) -> Any:
        """The shared result as somebody sees it; none where it is not there."""
        return (await self.stage.ask(caller, documents.READ, id=self.result))["node"]

    async def read_own(self) -> Any:
        """The submission as its supplier sees it."""
        return (await self.stage.ask(self.stage.weaver, documents.OWN, id=self.submitted.node))["node"]

    async def propose(self, caller: Caller, **changed: Any) -> Any:
        values: dict[str, Any] = {
            "reviewerId": self.stage.name_organization(self.reviewer),
            "sections": ["labour"],
            "purpose": "A second look",
            "until": UNTIL,
        }
        is_own = caller is self.stage.weaver
        values |= {"submissionId": self.submitted.node} if is_own else {"resultId": self.result}
        return await self.stage.change(caller, documents.PROPOSE, **(values | changed))

    async def engage(self, **changed: Any) -> str:
        """An active engagement that the supplier proposed."""
        made = await self.propose(self.stage.weaver, **changed)
        engagement: str = made["engagement"]["id"]
        taken = await self.stage.change(self.reviewer, documents.ACCEPT, engagementId=engagement)
        assert taken["engagement"]["state"] == "ACTIVE", taken
        return engagement


def find(question: str, level: str = "VERIFIED", **more: Any) -> dict[str, Any]:
    return {"question": question, "level": level, "basis": f"Seen: {question}", **more}


def run_printer(database: databases.TestDatabase, stage: Stage) -> AbstractAsyncContextManager[None]:
    """A worker that prints its letters, so that none waits for a mail server."""
    return stages.run_worker(database, stage.settings.model_copy(update={"environment": "development"}))


@pytest.fixture
async def review(database: databases.TestDatabase, tmp_path: Path) -> AsyncIterator[Review]:
    async with stages.set_stage(database, tmp_path, works=False) as stage, run_printer(database, stage):
        reviewer = await stage.house.sign_up("reviewer")
        assessment, number = await stage.draft(stage.weaver)
        sent = []
        for question, name in (("fees_repaid", "receipts.pdf"), ("remark", "remark.pdf")):
            evidence = await stage.send(
                stage.weaver, files.make_pdf(name.encode()), name, kind="RECORD", validUntil="2027-03-31"
            )
            await stage.wait_for(stage.weaver, evidence)
            place = {"assessmentId": stage.name("asmt", stage.weaver, assessment), "question": question}
            await stage.change(stage.weaver, ATTACH, **place, evidenceId=evidence)
            sent.append(evidence)
        submitted = await stage.submit(stage.weaver, (assessment, number + 2))
        yield Review(stage, reviewer, submitted, *sent)
