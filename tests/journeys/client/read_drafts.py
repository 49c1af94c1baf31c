from typing import Optional

from pydantic import Field

from .base_model import BaseModel
from .enums import VersionStep
from .fragments import (
    DraftState,
    DraftStateFindings,  # noqa: F401
)


class ReadDrafts(BaseModel):
    questionnaire_drafts: list["ReadDraftsQuestionnaireDrafts"] = Field(
        alias="questionnaireDrafts"
    )


class ReadDraftsQuestionnaireDrafts(DraftState):
    change: Optional["ReadDraftsQuestionnaireDraftsChange"]


class ReadDraftsQuestionnaireDraftsChange(BaseModel):
    old_version: str = Field(alias="oldVersion")
    new_version: str = Field(alias="newVersion")
    least_step: VersionStep = Field(alias="leastStep")
    least_version: str = Field(alias="leastVersion")
    changes: list["ReadDraftsQuestionnaireDraftsChangeChanges"]


class ReadDraftsQuestionnaireDraftsChangeChanges(BaseModel):
    code: str
    step: VersionStep
    question: Optional[str]
    sentence: str


ReadDrafts.model_rebuild()
ReadDraftsQuestionnaireDrafts.model_rebuild()
ReadDraftsQuestionnaireDraftsChange.model_rebuild()
