from decimal import Decimal
from typing import Optional

from pydantic import Field

from .base_model import BaseModel
from .enums import ConditionMatch, QuestionnaireTier, QuestionType


class ReadQuestionnaire(BaseModel):
    questionnaire_version: Optional["ReadQuestionnaireQuestionnaireVersion"] = Field(
        alias="questionnaireVersion"
    )


class ReadQuestionnaireQuestionnaireVersion(BaseModel):
    title: str
    version: str
    content_hash: str = Field(alias="contentHash")
    document_path: str = Field(alias="documentPath")
    sections: list["ReadQuestionnaireQuestionnaireVersionSections"]


class ReadQuestionnaireQuestionnaireVersionSections(BaseModel):
    key: str
    title: str
    pillar: Optional[str]
    questions: list["ReadQuestionnaireQuestionnaireVersionSectionsQuestions"]


class ReadQuestionnaireQuestionnaireVersionSectionsQuestions(BaseModel):
    key: str
    type_: QuestionType = Field(alias="type")
    title: str
    help: str
    required: bool
    unit: Optional[str]
    minutes: Decimal
    options: list["ReadQuestionnaireQuestionnaireVersionSectionsQuestionsOptions"]
    enable_when: Optional[
        "ReadQuestionnaireQuestionnaireVersionSectionsQuestionsEnableWhen"
    ] = Field(alias="enableWhen")
    evidence: Optional["ReadQuestionnaireQuestionnaireVersionSectionsQuestionsEvidence"]


class ReadQuestionnaireQuestionnaireVersionSectionsQuestionsOptions(BaseModel):
    key: str
    title: str
    exclusive: bool


class ReadQuestionnaireQuestionnaireVersionSectionsQuestionsEnableWhen(BaseModel):
    match: ConditionMatch
    clauses: list[
        "ReadQuestionnaireQuestionnaireVersionSectionsQuestionsEnableWhenClauses"
    ]


class ReadQuestionnaireQuestionnaireVersionSectionsQuestionsEnableWhenClauses(
    BaseModel
):
    question: str
    op: str
    values: list[str]


class ReadQuestionnaireQuestionnaireVersionSectionsQuestionsEvidence(BaseModel):
    accept: list[str]
    required_from: Optional[QuestionnaireTier] = Field(alias="requiredFrom")
    hint: str


ReadQuestionnaire.model_rebuild()
ReadQuestionnaireQuestionnaireVersion.model_rebuild()
ReadQuestionnaireQuestionnaireVersionSections.model_rebuild()
ReadQuestionnaireQuestionnaireVersionSectionsQuestions.model_rebuild()
ReadQuestionnaireQuestionnaireVersionSectionsQuestionsEnableWhen.model_rebuild()
