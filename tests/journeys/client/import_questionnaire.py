from typing import Literal, Union

from pydantic import Field

from .base_model import BaseModel
from .fragments import DraftState


class ImportQuestionnaire(BaseModel):
    import_questionnaire: Union[
        "ImportQuestionnaireImportQuestionnaireQuestionnaireImported",
        "ImportQuestionnaireImportQuestionnaireInvalidInput",
        "ImportQuestionnaireImportQuestionnaireConflict",
        "ImportQuestionnaireImportQuestionnaireNotAllowed",
        "ImportQuestionnaireImportQuestionnaireNotFound",
        "ImportQuestionnaireImportQuestionnaireRateLimited",
        "ImportQuestionnaireImportQuestionnaireUnauthenticated",
    ] = Field(alias="importQuestionnaire", discriminator="typename__")


class ImportQuestionnaireImportQuestionnaireQuestionnaireImported(BaseModel):
    typename__: Literal["QuestionnaireImported"] = Field(alias="__typename")
    draft: "ImportQuestionnaireImportQuestionnaireQuestionnaireImportedDraft"


ImportQuestionnaireImportQuestionnaireQuestionnaireImportedDraft = DraftState


class ImportQuestionnaireImportQuestionnaireInvalidInput(BaseModel):
    typename__: Literal["InvalidInput"] = Field(alias="__typename")
    problems: list["ImportQuestionnaireImportQuestionnaireInvalidInputProblems"]
    code: str
    message: str
    path: list[str]


class ImportQuestionnaireImportQuestionnaireInvalidInputProblems(BaseModel):
    path: list[str]
    code: str
    message: str


class ImportQuestionnaireImportQuestionnaireConflict(BaseModel):
    typename__: Literal["Conflict"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class ImportQuestionnaireImportQuestionnaireNotAllowed(BaseModel):
    typename__: Literal["NotAllowed"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class ImportQuestionnaireImportQuestionnaireNotFound(BaseModel):
    typename__: Literal["NotFound"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class ImportQuestionnaireImportQuestionnaireRateLimited(BaseModel):
    typename__: Literal["RateLimited"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class ImportQuestionnaireImportQuestionnaireUnauthenticated(BaseModel):
    typename__: Literal["Unauthenticated"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


ImportQuestionnaire.model_rebuild()
ImportQuestionnaireImportQuestionnaireQuestionnaireImported.model_rebuild()
ImportQuestionnaireImportQuestionnaireInvalidInput.model_rebuild()
