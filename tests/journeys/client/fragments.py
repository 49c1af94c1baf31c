from datetime import date
from decimal import Decimal
from typing import Optional

from pydantic import Field

from .base_model import BaseModel
from .enums import (
    AnswerState,
    BenchmarkRegion,
    BenchmarkStatus,
    OrganizationSize,
    QuestionnaireTier,
)


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


CellFigures.model_rebuild()
SavedContent.model_rebuild()
