from datetime import date, datetime
from decimal import Decimal
from typing import Optional

from pydantic import Field

from .base_model import BaseModel
from .enums import (
    EvidenceKind,
    GapState,
    QuestionnaireTier,
    RequestState,
    SupplierState,
)


class ReadProfile(BaseModel):
    supplier: Optional["ReadProfileSupplier"]


class ReadProfileSupplier(BaseModel):
    name: str
    country: Optional[str]
    state: SupplierState
    organization: Optional["ReadProfileSupplierOrganization"]
    latest_result: Optional["ReadProfileSupplierLatestResult"] = Field(
        alias="latestResult"
    )
    history: list["ReadProfileSupplierHistory"]
    requests: list["ReadProfileSupplierRequests"]
    contacts: list["ReadProfileSupplierContacts"]


class ReadProfileSupplierOrganization(BaseModel):
    name: str


class ReadProfileSupplierLatestResult(BaseModel):
    id: str
    tier: QuestionnaireTier
    total: Optional[Decimal]
    band: Optional[str]
    coverage: Decimal
    valid_until: date = Field(alias="validUntil")
    shared_until: Optional[datetime] = Field(alias="sharedUntil")
    pillars: list["ReadProfileSupplierLatestResultPillars"]
    sections: list["ReadProfileSupplierLatestResultSections"]
    evidence: list["ReadProfileSupplierLatestResultEvidence"]


class ReadProfileSupplierLatestResultPillars(BaseModel):
    key: str
    title: str
    score: Optional[Decimal]


class ReadProfileSupplierLatestResultSections(BaseModel):
    key: str
    title: str
    answers: list["ReadProfileSupplierLatestResultSectionsAnswers"]
    declared_gaps: list["ReadProfileSupplierLatestResultSectionsDeclaredGaps"] = Field(
        alias="declaredGaps"
    )


class ReadProfileSupplierLatestResultSectionsAnswers(BaseModel):
    question: str
    values: list[str]


class ReadProfileSupplierLatestResultSectionsDeclaredGaps(BaseModel):
    question: str
    plan: str
    due_on: date = Field(alias="dueOn")
    owner: str
    holds_until: date = Field(alias="holdsUntil")
    state: GapState


class ReadProfileSupplierLatestResultEvidence(BaseModel):
    evidence_id: str = Field(alias="evidenceId")
    file_name: str = Field(alias="fileName")
    kind: EvidenceKind
    sha_256: Optional[str] = Field(alias="sha256")


class ReadProfileSupplierHistory(BaseModel):
    submitted_at: datetime = Field(alias="submittedAt")
    total: Optional[Decimal]
    band: Optional[str]


class ReadProfileSupplierRequests(BaseModel):
    id: str
    purpose: str
    due_on: date = Field(alias="dueOn")
    state: RequestState


class ReadProfileSupplierContacts(BaseModel):
    name: Optional[str]
    email: str


ReadProfile.model_rebuild()
ReadProfileSupplier.model_rebuild()
ReadProfileSupplierLatestResult.model_rebuild()
ReadProfileSupplierLatestResultSections.model_rebuild()
