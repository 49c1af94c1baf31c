from typing import Literal, Optional, Union

from pydantic import Field

from .base_model import BaseModel


class AskForBoth(BaseModel):
    create_requests: Union[
        "AskForBothCreateRequestsRequestsCreated",
        "AskForBothCreateRequestsInvalidInput",
        "AskForBothCreateRequestsConflict",
        "AskForBothCreateRequestsNotAllowed",
        "AskForBothCreateRequestsNotFound",
        "AskForBothCreateRequestsRateLimited",
        "AskForBothCreateRequestsUnauthenticated",
    ] = Field(alias="createRequests", discriminator="typename__")


class AskForBothCreateRequestsRequestsCreated(BaseModel):
    typename__: Literal["RequestsCreated"] = Field(alias="__typename")
    created_count: int = Field(alias="createdCount")
    lines: list["AskForBothCreateRequestsRequestsCreatedLines"]


class AskForBothCreateRequestsRequestsCreatedLines(BaseModel):
    request_id: Optional[str] = Field(alias="requestId")
    extra_id: Optional[str] = Field(alias="extraId")
    problem: Optional["AskForBothCreateRequestsRequestsCreatedLinesProblem"]
    extra_problem: Optional[
        "AskForBothCreateRequestsRequestsCreatedLinesExtraProblem"
    ] = Field(alias="extraProblem")


class AskForBothCreateRequestsRequestsCreatedLinesProblem(BaseModel):
    code: str
    message: str


class AskForBothCreateRequestsRequestsCreatedLinesExtraProblem(BaseModel):
    code: str
    message: str


class AskForBothCreateRequestsInvalidInput(BaseModel):
    typename__: Literal["InvalidInput"] = Field(alias="__typename")
    problems: list["AskForBothCreateRequestsInvalidInputProblems"]
    code: str
    message: str
    path: list[str]


class AskForBothCreateRequestsInvalidInputProblems(BaseModel):
    path: list[str]
    code: str
    message: str


class AskForBothCreateRequestsConflict(BaseModel):
    typename__: Literal["Conflict"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class AskForBothCreateRequestsNotAllowed(BaseModel):
    typename__: Literal["NotAllowed"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class AskForBothCreateRequestsNotFound(BaseModel):
    typename__: Literal["NotFound"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class AskForBothCreateRequestsRateLimited(BaseModel):
    typename__: Literal["RateLimited"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class AskForBothCreateRequestsUnauthenticated(BaseModel):
    typename__: Literal["Unauthenticated"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


AskForBoth.model_rebuild()
AskForBothCreateRequestsRequestsCreated.model_rebuild()
AskForBothCreateRequestsRequestsCreatedLines.model_rebuild()
AskForBothCreateRequestsInvalidInput.model_rebuild()
