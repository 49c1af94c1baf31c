from typing import Literal, Optional, Union

from pydantic import Field

from .base_model import BaseModel


class ReviseForClarification(BaseModel):
    revise_for_clarification: Union[
        "ReviseForClarificationReviseForClarificationClarificationReopened",
        "ReviseForClarificationReviseForClarificationInvalidInput",
        "ReviseForClarificationReviseForClarificationConflict",
        "ReviseForClarificationReviseForClarificationNotAllowed",
        "ReviseForClarificationReviseForClarificationNotFound",
        "ReviseForClarificationReviseForClarificationRateLimited",
        "ReviseForClarificationReviseForClarificationUnauthenticated",
    ] = Field(alias="reviseForClarification", discriminator="typename__")


class ReviseForClarificationReviseForClarificationClarificationReopened(BaseModel):
    typename__: Literal["ClarificationReopened"] = Field(alias="__typename")
    assessment: (
        "ReviseForClarificationReviseForClarificationClarificationReopenedAssessment"
    )


class ReviseForClarificationReviseForClarificationClarificationReopenedAssessment(
    BaseModel
):
    id: str
    revision: int
    change_number: int = Field(alias="changeNumber")
    reopened: Optional[list[str]]


class ReviseForClarificationReviseForClarificationInvalidInput(BaseModel):
    typename__: Literal["InvalidInput"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class ReviseForClarificationReviseForClarificationConflict(BaseModel):
    typename__: Literal["Conflict"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class ReviseForClarificationReviseForClarificationNotAllowed(BaseModel):
    typename__: Literal["NotAllowed"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class ReviseForClarificationReviseForClarificationNotFound(BaseModel):
    typename__: Literal["NotFound"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class ReviseForClarificationReviseForClarificationRateLimited(BaseModel):
    typename__: Literal["RateLimited"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class ReviseForClarificationReviseForClarificationUnauthenticated(BaseModel):
    typename__: Literal["Unauthenticated"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


ReviseForClarification.model_rebuild()
ReviseForClarificationReviseForClarificationClarificationReopened.model_rebuild()
