from decimal import Decimal
from typing import Optional

from pydantic import Field

from .base_model import BaseModel
from .enums import AssessmentState
from .fragments import SavedContent


class ReadProgress(BaseModel):
    assessment: Optional["ReadProgressAssessment"]


class ReadProgressAssessment(BaseModel):
    state: AssessmentState
    change_number: int = Field(alias="changeNumber")
    progress: "ReadProgressAssessmentProgress"
    section_progress: list["ReadProgressAssessmentSectionProgress"] = Field(
        alias="sectionProgress"
    )
    problems: list["ReadProgressAssessmentProblems"]
    answers: "ReadProgressAssessmentAnswers"


class ReadProgressAssessmentProgress(BaseModel):
    asked: int
    answered: int
    required: int
    missing_count: int = Field(alias="missingCount")
    minutes_left: Decimal = Field(alias="minutesLeft")


class ReadProgressAssessmentSectionProgress(BaseModel):
    section: Optional[str]
    asked: int
    answered: int


class ReadProgressAssessmentProblems(BaseModel):
    question: str
    code: str
    message: str


class ReadProgressAssessmentAnswers(BaseModel):
    change_number: int = Field(alias="changeNumber")
    has_more: bool = Field(alias="hasMore")
    answers: list["ReadProgressAssessmentAnswersAnswers"]


class ReadProgressAssessmentAnswersAnswers(BaseModel):
    question: str
    row_id: Optional[str] = Field(alias="rowId")
    revision: int
    content: Optional["ReadProgressAssessmentAnswersAnswersContent"]


ReadProgressAssessmentAnswersAnswersContent = SavedContent
ReadProgress.model_rebuild()
ReadProgressAssessment.model_rebuild()
ReadProgressAssessmentAnswers.model_rebuild()
ReadProgressAssessmentAnswersAnswers.model_rebuild()
