from datetime import date
from decimal import Decimal
from typing import Optional

from pydantic import Field

from .base_model import BaseModel
from .enums import AssuranceLevel, DisputeState


class ReadForReview(BaseModel):
    supplier: Optional["ReadForReviewSupplier"]


class ReadForReviewSupplier(BaseModel):
    latest_result: Optional["ReadForReviewSupplierLatestResult"] = Field(
        alias="latestResult"
    )


class ReadForReviewSupplierLatestResult(BaseModel):
    id: str
    assurance: Optional["ReadForReviewSupplierLatestResultAssurance"]
    sections: list["ReadForReviewSupplierLatestResultSections"]
    evidence: list["ReadForReviewSupplierLatestResultEvidence"]


class ReadForReviewSupplierLatestResultAssurance(BaseModel):
    declared: Decimal
    documented: Decimal
    verified: Decimal
    contradicted: Decimal
    conflicts: int


class ReadForReviewSupplierLatestResultSections(BaseModel):
    key: str
    answers: list["ReadForReviewSupplierLatestResultSectionsAnswers"]
    standings: list["ReadForReviewSupplierLatestResultSectionsStandings"]
    findings: list["ReadForReviewSupplierLatestResultSectionsFindings"]


class ReadForReviewSupplierLatestResultSectionsAnswers(BaseModel):
    question: str
    values: list[str]


class ReadForReviewSupplierLatestResultSectionsStandings(BaseModel):
    question: str
    standing: AssuranceLevel
    in_conflict: bool = Field(alias="inConflict")


class ReadForReviewSupplierLatestResultSectionsFindings(BaseModel):
    question: str
    level: AssuranceLevel
    basis: str
    not_shown: Optional[str] = Field(alias="notShown")
    beyond: Optional[str]
    is_superseded: bool = Field(alias="isSuperseded")
    disputes: list["ReadForReviewSupplierLatestResultSectionsFindingsDisputes"]


class ReadForReviewSupplierLatestResultSectionsFindingsDisputes(BaseModel):
    id: str
    state: DisputeState
    reason: str


class ReadForReviewSupplierLatestResultEvidence(BaseModel):
    evidence_id: str = Field(alias="evidenceId")
    question: str
    valid_until: Optional[date] = Field(alias="validUntil")


ReadForReview.model_rebuild()
ReadForReviewSupplier.model_rebuild()
ReadForReviewSupplierLatestResult.model_rebuild()
ReadForReviewSupplierLatestResultSections.model_rebuild()
ReadForReviewSupplierLatestResultSectionsFindings.model_rebuild()
