from typing import Optional

from pydantic import Field

from .base_model import BaseModel
from .fragments import Fates


class PreviewRenewal(BaseModel):
    assessment: Optional["PreviewRenewalAssessment"]


class PreviewRenewalAssessment(BaseModel):
    renewal_preview: "PreviewRenewalAssessmentRenewalPreview" = Field(
        alias="renewalPreview"
    )


PreviewRenewalAssessmentRenewalPreview = Fates
PreviewRenewal.model_rebuild()
PreviewRenewalAssessment.model_rebuild()
