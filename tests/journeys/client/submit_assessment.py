from datetime import date
from decimal import Decimal
from typing import Literal, Optional, Union

from pydantic import Field

from .base_model import BaseModel
from .enums import AssessmentState, QuestionnaireTier


class SubmitAssessment(BaseModel):
    submit_assessment: Union[
        "SubmitAssessmentSubmitAssessmentAssessmentSubmitted",
        "SubmitAssessmentSubmitAssessmentInvalidAnswers",
        "SubmitAssessmentSubmitAssessmentInvalidInput",
        "SubmitAssessmentSubmitAssessmentConflict",
        "SubmitAssessmentSubmitAssessmentNotAllowed",
        "SubmitAssessmentSubmitAssessmentNotFound",
        "SubmitAssessmentSubmitAssessmentRateLimited",
        "SubmitAssessmentSubmitAssessmentUnauthenticated",
    ] = Field(alias="submitAssessment", discriminator="typename__")


class SubmitAssessmentSubmitAssessmentAssessmentSubmitted(BaseModel):
    typename__: Literal["AssessmentSubmitted"] = Field(alias="__typename")
    assessment: "SubmitAssessmentSubmitAssessmentAssessmentSubmittedAssessment"
    submission: "SubmitAssessmentSubmitAssessmentAssessmentSubmittedSubmission"


class SubmitAssessmentSubmitAssessmentAssessmentSubmittedAssessment(BaseModel):
    state: AssessmentState


class SubmitAssessmentSubmitAssessmentAssessmentSubmittedSubmission(BaseModel):
    id: str
    root_hash: str = Field(alias="rootHash")
    export_path: str = Field(alias="exportPath")
    result: Optional[
        "SubmitAssessmentSubmitAssessmentAssessmentSubmittedSubmissionResult"
    ]


class SubmitAssessmentSubmitAssessmentAssessmentSubmittedSubmissionResult(BaseModel):
    tier: QuestionnaireTier
    total: Optional[Decimal]
    band: Optional[str]
    coverage: Decimal
    valid_until: date = Field(alias="validUntil")
    is_valid: bool = Field(alias="isValid")
    pillars: list[
        "SubmitAssessmentSubmitAssessmentAssessmentSubmittedSubmissionResultPillars"
    ]


class SubmitAssessmentSubmitAssessmentAssessmentSubmittedSubmissionResultPillars(
    BaseModel
):
    key: str
    score: Optional[Decimal]


class SubmitAssessmentSubmitAssessmentInvalidAnswers(BaseModel):
    typename__: Literal["InvalidAnswers"] = Field(alias="__typename")
    problems: list["SubmitAssessmentSubmitAssessmentInvalidAnswersProblems"]
    code: str
    message: str
    path: list[str]


class SubmitAssessmentSubmitAssessmentInvalidAnswersProblems(BaseModel):
    question: str
    code: str
    message: str


class SubmitAssessmentSubmitAssessmentInvalidInput(BaseModel):
    typename__: Literal["InvalidInput"] = Field(alias="__typename")
    problems: list["SubmitAssessmentSubmitAssessmentInvalidInputProblems"]
    code: str
    message: str
    path: list[str]


class SubmitAssessmentSubmitAssessmentInvalidInputProblems(BaseModel):
    path: list[str]
    code: str
    message: str


class SubmitAssessmentSubmitAssessmentConflict(BaseModel):
    typename__: Literal["Conflict"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class SubmitAssessmentSubmitAssessmentNotAllowed(BaseModel):
    typename__: Literal["NotAllowed"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class SubmitAssessmentSubmitAssessmentNotFound(BaseModel):
    typename__: Literal["NotFound"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class SubmitAssessmentSubmitAssessmentRateLimited(BaseModel):
    typename__: Literal["RateLimited"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class SubmitAssessmentSubmitAssessmentUnauthenticated(BaseModel):
    typename__: Literal["Unauthenticated"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


SubmitAssessment.model_rebuild()
SubmitAssessmentSubmitAssessmentAssessmentSubmitted.model_rebuild()
SubmitAssessmentSubmitAssessmentAssessmentSubmittedSubmission.model_rebuild()
SubmitAssessmentSubmitAssessmentAssessmentSubmittedSubmissionResult.model_rebuild()
SubmitAssessmentSubmitAssessmentInvalidAnswers.model_rebuild()
SubmitAssessmentSubmitAssessmentInvalidInput.model_rebuild()
