from typing import Literal, Union

from pydantic import Field

from .base_model import BaseModel
from .fragments import OwnState


class SetVisibility(BaseModel):
    set_questionnaire_visibility: Union[
        "SetVisibilitySetQuestionnaireVisibilityQuestionnaireVisibilitySet",
        "SetVisibilitySetQuestionnaireVisibilityInvalidInput",
        "SetVisibilitySetQuestionnaireVisibilityConflict",
        "SetVisibilitySetQuestionnaireVisibilityNotAllowed",
        "SetVisibilitySetQuestionnaireVisibilityNotFound",
        "SetVisibilitySetQuestionnaireVisibilityRateLimited",
        "SetVisibilitySetQuestionnaireVisibilityUnauthenticated",
    ] = Field(alias="setQuestionnaireVisibility", discriminator="typename__")


class SetVisibilitySetQuestionnaireVisibilityQuestionnaireVisibilitySet(BaseModel):
    typename__: Literal["QuestionnaireVisibilitySet"] = Field(alias="__typename")
    questionnaire: (
        "SetVisibilitySetQuestionnaireVisibilityQuestionnaireVisibilitySetQuestionnaire"
    )


SetVisibilitySetQuestionnaireVisibilityQuestionnaireVisibilitySetQuestionnaire = (
    OwnState
)


class SetVisibilitySetQuestionnaireVisibilityInvalidInput(BaseModel):
    typename__: Literal["InvalidInput"] = Field(alias="__typename")
    problems: list["SetVisibilitySetQuestionnaireVisibilityInvalidInputProblems"]
    code: str
    message: str
    path: list[str]


class SetVisibilitySetQuestionnaireVisibilityInvalidInputProblems(BaseModel):
    path: list[str]
    code: str
    message: str


class SetVisibilitySetQuestionnaireVisibilityConflict(BaseModel):
    typename__: Literal["Conflict"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class SetVisibilitySetQuestionnaireVisibilityNotAllowed(BaseModel):
    typename__: Literal["NotAllowed"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class SetVisibilitySetQuestionnaireVisibilityNotFound(BaseModel):
    typename__: Literal["NotFound"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class SetVisibilitySetQuestionnaireVisibilityRateLimited(BaseModel):
    typename__: Literal["RateLimited"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class SetVisibilitySetQuestionnaireVisibilityUnauthenticated(BaseModel):
    typename__: Literal["Unauthenticated"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


SetVisibility.model_rebuild()
SetVisibilitySetQuestionnaireVisibilityQuestionnaireVisibilitySet.model_rebuild()
SetVisibilitySetQuestionnaireVisibilityInvalidInput.model_rebuild()
