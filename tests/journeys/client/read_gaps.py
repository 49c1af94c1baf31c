from datetime import date
from decimal import Decimal
from typing import Optional

from pydantic import Field

from .base_model import BaseModel
from .enums import GapState


class ReadGaps(BaseModel):
    score_preview: "ReadGapsScorePreview" = Field(alias="scorePreview")


class ReadGapsScorePreview(BaseModel):
    total: Optional[Decimal]
    gaps: list["ReadGapsScorePreviewGaps"]


class ReadGapsScorePreviewGaps(BaseModel):
    question: str
    points: Decimal
    best: Decimal
    is_critical: bool = Field(alias="isCritical")
    state: GapState
    holds_until: Optional[date] = Field(alias="holdsUntil")
    plan: Optional["ReadGapsScorePreviewGapsPlan"]


class ReadGapsScorePreviewGapsPlan(BaseModel):
    text: str
    due_on: date = Field(alias="dueOn")


ReadGaps.model_rebuild()
ReadGapsScorePreview.model_rebuild()
ReadGapsScorePreviewGaps.model_rebuild()
