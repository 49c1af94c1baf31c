from pydantic import Field

from .base_model import BaseModel
from .enums import AssessmentState


class FollowAssessment(BaseModel):
    assessment_changed: "FollowAssessmentAssessmentChanged" = Field(
        alias="assessmentChanged"
    )


class FollowAssessmentAssessmentChanged(BaseModel):
    id: str
    change_number: int = Field(alias="changeNumber")
    state: AssessmentState


FollowAssessment.model_rebuild()
