from decimal import Decimal
from typing import Optional

from pydantic import Field

from .base_model import BaseModel
from .enums import BandReason
from .fragments import Finding


class TryQuestionnaire(BaseModel):
    questionnaire_trial: "TryQuestionnaireQuestionnaireTrial" = Field(
        alias="questionnaireTrial"
    )


class TryQuestionnaireQuestionnaireTrial(BaseModel):
    findings: list["TryQuestionnaireQuestionnaireTrialFindings"]
    outcome: Optional["TryQuestionnaireQuestionnaireTrialOutcome"]


TryQuestionnaireQuestionnaireTrialFindings = Finding


class TryQuestionnaireQuestionnaireTrialOutcome(BaseModel):
    places: list["TryQuestionnaireQuestionnaireTrialOutcomePlaces"]
    refused: list["TryQuestionnaireQuestionnaireTrialOutcomeRefused"]
    problems: list["TryQuestionnaireQuestionnaireTrialOutcomeProblems"]
    asked: int
    answered: int
    minutes_left: Decimal = Field(alias="minutesLeft")
    total: Optional[Decimal]
    band: Optional[str]
    band_reason: BandReason = Field(alias="bandReason")
    lines: list["TryQuestionnaireQuestionnaireTrialOutcomeLines"]


class TryQuestionnaireQuestionnaireTrialOutcomePlaces(BaseModel):
    question: str
    is_asked: bool = Field(alias="isAsked")


class TryQuestionnaireQuestionnaireTrialOutcomeRefused(BaseModel):
    question: str
    code: str
    message: str


class TryQuestionnaireQuestionnaireTrialOutcomeProblems(BaseModel):
    question: str
    code: str
    message: str


class TryQuestionnaireQuestionnaireTrialOutcomeLines(BaseModel):
    question: str
    points: Optional[str]


TryQuestionnaire.model_rebuild()
TryQuestionnaireQuestionnaireTrial.model_rebuild()
TryQuestionnaireQuestionnaireTrialOutcome.model_rebuild()
