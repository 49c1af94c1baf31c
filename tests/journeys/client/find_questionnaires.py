from typing import Optional

from .base_model import BaseModel


class FindQuestionnaires(BaseModel):
    questionnaires: list["FindQuestionnairesQuestionnaires"]


class FindQuestionnairesQuestionnaires(BaseModel):
    key: str
    current: Optional["FindQuestionnairesQuestionnairesCurrent"]


class FindQuestionnairesQuestionnairesCurrent(BaseModel):
    version: str
    title: str
    publisher: str


FindQuestionnaires.model_rebuild()
FindQuestionnairesQuestionnaires.model_rebuild()
