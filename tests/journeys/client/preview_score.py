from decimal import Decimal
from typing import Optional

from pydantic import Field

from .base_model import BaseModel
from .enums import BandReason, PillarState, QuestionnaireTier, TraceStatus


class PreviewScore(BaseModel):
    score_preview: "PreviewScoreScorePreview" = Field(alias="scorePreview")


class PreviewScoreScorePreview(BaseModel):
    change_number: int = Field(alias="changeNumber")
    tier: QuestionnaireTier
    total: Optional[Decimal]
    band: Optional[str]
    band_reason: BandReason = Field(alias="bandReason")
    coverage: Decimal
    rests_on: int = Field(alias="restsOn")
    pillars: list["PreviewScoreScorePreviewPillars"]
    lines: list["PreviewScoreScorePreviewLines"]
    advice: list["PreviewScoreScorePreviewAdvice"]
    problems: list["PreviewScoreScorePreviewProblems"]


class PreviewScoreScorePreviewPillars(BaseModel):
    key: str
    score: Optional[Decimal]
    state: PillarState


class PreviewScoreScorePreviewLines(BaseModel):
    question: str
    status: TraceStatus
    points: Optional[str]
    share: str


class PreviewScoreScorePreviewAdvice(BaseModel):
    question: str
    gain: Decimal
    action: str


class PreviewScoreScorePreviewProblems(BaseModel):
    question: str
    code: str
    message: str


PreviewScore.model_rebuild()
PreviewScoreScorePreview.model_rebuild()
