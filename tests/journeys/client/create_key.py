from typing import Literal, Optional, Union

from pydantic import Field

from .base_model import BaseModel
from .enums import ApiKeyScope


class CreateKey(BaseModel):
    create_api_key: Union[
        "CreateKeyCreateApiKeyApiKeyCreated",
        "CreateKeyCreateApiKeyInvalidInput",
        "CreateKeyCreateApiKeyConflict",
        "CreateKeyCreateApiKeyNotAllowed",
        "CreateKeyCreateApiKeyNotFound",
        "CreateKeyCreateApiKeyRateLimited",
        "CreateKeyCreateApiKeyUnauthenticated",
    ] = Field(alias="createApiKey", discriminator="typename__")


class CreateKeyCreateApiKeyApiKeyCreated(BaseModel):
    typename__: Literal["ApiKeyCreated"] = Field(alias="__typename")
    secret: Optional[str]
    api_key: "CreateKeyCreateApiKeyApiKeyCreatedApiKey" = Field(alias="apiKey")


class CreateKeyCreateApiKeyApiKeyCreatedApiKey(BaseModel):
    id: str
    scopes: list[ApiKeyScope]


class CreateKeyCreateApiKeyInvalidInput(BaseModel):
    typename__: Literal["InvalidInput"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class CreateKeyCreateApiKeyConflict(BaseModel):
    typename__: Literal["Conflict"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class CreateKeyCreateApiKeyNotAllowed(BaseModel):
    typename__: Literal["NotAllowed"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class CreateKeyCreateApiKeyNotFound(BaseModel):
    typename__: Literal["NotFound"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class CreateKeyCreateApiKeyRateLimited(BaseModel):
    typename__: Literal["RateLimited"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class CreateKeyCreateApiKeyUnauthenticated(BaseModel):
    typename__: Literal["Unauthenticated"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


CreateKey.model_rebuild()
CreateKeyCreateApiKeyApiKeyCreated.model_rebuild()
