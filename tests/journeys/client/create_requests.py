from typing import Literal, Optional, Union

from pydantic import Field

from .base_model import BaseModel


class CreateRequests(BaseModel):
    create_requests: Union[
        "CreateRequestsCreateRequestsRequestsCreated",
        "CreateRequestsCreateRequestsInvalidInput",
        "CreateRequestsCreateRequestsConflict",
        "CreateRequestsCreateRequestsNotAllowed",
        "CreateRequestsCreateRequestsNotFound",
        "CreateRequestsCreateRequestsRateLimited",
        "CreateRequestsCreateRequestsUnauthenticated",
    ] = Field(alias="createRequests", discriminator="typename__")


class CreateRequestsCreateRequestsRequestsCreated(BaseModel):
    typename__: Literal["RequestsCreated"] = Field(alias="__typename")
    created_count: int = Field(alias="createdCount")
    lines: list["CreateRequestsCreateRequestsRequestsCreatedLines"]


class CreateRequestsCreateRequestsRequestsCreatedLines(BaseModel):
    supplier_id: str = Field(alias="supplierId")
    request_id: Optional[str] = Field(alias="requestId")
    problem: Optional["CreateRequestsCreateRequestsRequestsCreatedLinesProblem"]


class CreateRequestsCreateRequestsRequestsCreatedLinesProblem(BaseModel):
    code: str
    message: str


class CreateRequestsCreateRequestsInvalidInput(BaseModel):
    typename__: Literal["InvalidInput"] = Field(alias="__typename")
    problems: list["CreateRequestsCreateRequestsInvalidInputProblems"]
    code: str
    message: str
    path: list[str]


class CreateRequestsCreateRequestsInvalidInputProblems(BaseModel):
    path: list[str]
    code: str
    message: str


class CreateRequestsCreateRequestsConflict(BaseModel):
    typename__: Literal["Conflict"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class CreateRequestsCreateRequestsNotAllowed(BaseModel):
    typename__: Literal["NotAllowed"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class CreateRequestsCreateRequestsNotFound(BaseModel):
    typename__: Literal["NotFound"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class CreateRequestsCreateRequestsRateLimited(BaseModel):
    typename__: Literal["RateLimited"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class CreateRequestsCreateRequestsUnauthenticated(BaseModel):
    typename__: Literal["Unauthenticated"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


CreateRequests.model_rebuild()
CreateRequestsCreateRequestsRequestsCreated.model_rebuild()
CreateRequestsCreateRequestsRequestsCreatedLines.model_rebuild()
CreateRequestsCreateRequestsInvalidInput.model_rebuild()
