from typing import Optional

from pydantic import Field

from .base_model import BaseModel
from .fragments import Fates


class PreviewUpgrade(BaseModel):
    assessment: Optional["PreviewUpgradeAssessment"]


class PreviewUpgradeAssessment(BaseModel):
    upgrade_preview: Optional["PreviewUpgradeAssessmentUpgradePreview"] = Field(
        alias="upgradePreview"
    )


PreviewUpgradeAssessmentUpgradePreview = Fates
PreviewUpgrade.model_rebuild()
PreviewUpgradeAssessment.model_rebuild()
