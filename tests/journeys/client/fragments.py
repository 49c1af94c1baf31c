from datetime import date
from decimal import Decimal
from typing import Optional

from pydantic import Field

from .base_model import BaseModel
from .enums import (
    AnswerFate,
    AnswerProvenance,
    AnswerState,
    BenchmarkRegion,
    BenchmarkStatus,
    FindingSeverity,
    OrganizationSize,
    QuestionnaireApproval,
    QuestionnairePart,
    QuestionnaireTier,
    QuestionnaireVisibility,
    VersionStep,
)


class CarriedDraft(BaseModel):
    id: str
    version: str
    upgraded_from_id: Optional[str] = Field(alias="upgradedFromId")
    change_number: int = Field(alias="changeNumber")
    answers: "CarriedDraftAnswers"


class CarriedDraftAnswers(BaseModel):
    answers: list["CarriedDraftAnswersAnswers"]


class CarriedDraftAnswersAnswers(BaseModel):
    question: str
    revision: int
    provenance: AnswerProvenance
    carried_question: Optional[str] = Field(alias="carriedQuestion")


class CellFigures(BaseModel):
    measure: str
    status: BenchmarkStatus
    count_band: Optional[str] = Field(alias="countBand")
    mean: Optional[int]
    p_25: Optional[int] = Field(alias="p25")
    p_50: Optional[int] = Field(alias="p50")
    p_75: Optional[int] = Field(alias="p75")
    cohort: "CellFiguresCohort"


class CellFiguresCohort(BaseModel):
    tier: QuestionnaireTier
    sector: Optional[str]
    region: Optional[BenchmarkRegion]
    size: Optional[OrganizationSize]


class Finding(BaseModel):
    part: QuestionnairePart
    severity: FindingSeverity
    path: list[str]
    question: Optional[str]
    line: Optional[int]
    message: str


class DraftState(BaseModel):
    questionnaire: str
    version: str
    title: str
    revision: int
    is_sound: bool = Field(alias="isSound")
    findings: list["DraftStateFindings"]


class DraftStateFindings(Finding):
    pass


class Fates(BaseModel):
    from_version: str = Field(alias="fromVersion")
    to_version: str = Field(alias="toVersion")
    step: VersionStep
    carried_count: int = Field(alias="carriedCount")
    confirm_count: int = Field(alias="confirmCount")
    blank_count: int = Field(alias="blankCount")
    dropped_count: int = Field(alias="droppedCount")
    new_count: int = Field(alias="newCount")
    answers: list["FatesAnswers"]


class FatesAnswers(BaseModel):
    fate: AnswerFate
    question: Optional[str]
    old_question: Optional[str] = Field(alias="oldQuestion")
    title: str
    reasons: list["FatesAnswersReasons"]


class FatesAnswersReasons(BaseModel):
    code: str
    sentence: str


class OwnState(BaseModel):
    key: str
    visibility: QuestionnaireVisibility
    current_version: Optional[str] = Field(alias="currentVersion")
    versions: list["OwnStateVersions"]


class OwnStateVersions(BaseModel):
    version: str
    approval: Optional[QuestionnaireApproval]
    profile_numbers: list[int] = Field(alias="profileNumbers")


class SavedContent(BaseModel):
    state: AnswerState
    deleted: bool
    value: Optional["SavedContentValue"]


class SavedContentValue(BaseModel):
    boolean: Optional[bool]
    choice: Optional[str]
    choices: Optional[list[str]]
    number: Optional[Decimal]
    date: Optional[date]
    text: Optional[str]


CarriedDraft.model_rebuild()
CellFigures.model_rebuild()
Finding.model_rebuild()
DraftState.model_rebuild()
Fates.model_rebuild()
OwnState.model_rebuild()
SavedContent.model_rebuild()
