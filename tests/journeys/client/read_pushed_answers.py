from datetime import datetime
from typing import Optional

from pydantic import Field

from .base_model import BaseModel
from .enums import AnswerProvenance, PushMode


class ReadPushedAnswers(BaseModel):
    assessment: Optional["ReadPushedAnswersAssessment"]


class ReadPushedAnswersAssessment(BaseModel):
    pushed_answers: "ReadPushedAnswersAssessmentPushedAnswers" = Field(
        alias="pushedAnswers"
    )


class ReadPushedAnswersAssessmentPushedAnswers(BaseModel):
    answers: list["ReadPushedAnswersAssessmentPushedAnswersAnswers"]
    has_more: bool = Field(alias="hasMore")


class ReadPushedAnswersAssessmentPushedAnswersAnswers(BaseModel):
    site_id: str = Field(alias="siteId")
    question: str
    mode: PushMode
    note: Optional[str]
    pushed_by: Optional["ReadPushedAnswersAssessmentPushedAnswersAnswersPushedBy"] = (
        Field(alias="pushedBy")
    )
    pushed_at: datetime = Field(alias="pushedAt")
    is_outdated: bool = Field(alias="isOutdated")
    provenance: Optional[AnswerProvenance]


class ReadPushedAnswersAssessmentPushedAnswersAnswersPushedBy(BaseModel):
    name: Optional[str]


ReadPushedAnswers.model_rebuild()
ReadPushedAnswersAssessment.model_rebuild()
ReadPushedAnswersAssessmentPushedAnswers.model_rebuild()
ReadPushedAnswersAssessmentPushedAnswersAnswers.model_rebuild()
