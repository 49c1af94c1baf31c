from typing import Optional

from pydantic import Field

from .base_model import BaseModel


class ReadWaitingQuestionnaires(BaseModel):
    questionnaire_approvals: list["ReadWaitingQuestionnairesQuestionnaireApprovals"] = (
        Field(alias="questionnaireApprovals")
    )


class ReadWaitingQuestionnairesQuestionnaireApprovals(BaseModel):
    questionnaire: str
    version: str
    read_hash: str = Field(alias="readHash")
    organization_name: str = Field(alias="organizationName")
    title: str
    texts: list["ReadWaitingQuestionnairesQuestionnaireApprovalsTexts"]
    translations: list["ReadWaitingQuestionnairesQuestionnaireApprovalsTranslations"]


class ReadWaitingQuestionnairesQuestionnaireApprovalsTexts(BaseModel):
    path: str
    text: str


class ReadWaitingQuestionnairesQuestionnaireApprovalsTranslations(BaseModel):
    locale: str
    texts: list["ReadWaitingQuestionnairesQuestionnaireApprovalsTranslationsTexts"]


class ReadWaitingQuestionnairesQuestionnaireApprovalsTranslationsTexts(BaseModel):
    path: str
    source: Optional[str]
    text: str


ReadWaitingQuestionnaires.model_rebuild()
ReadWaitingQuestionnairesQuestionnaireApprovals.model_rebuild()
ReadWaitingQuestionnairesQuestionnaireApprovalsTranslations.model_rebuild()
