from datetime import datetime
from typing import Literal, Optional, Union

from pydantic import Field

from .base_model import BaseModel


class RevokeKey(BaseModel):
    revoke_api_key: Union[
        "RevokeKeyRevokeApiKeyApiKeyRevoked",
        "RevokeKeyRevokeApiKeyInvalidInput",
        "RevokeKeyRevokeApiKeyConflict",
        "RevokeKeyRevokeApiKeyNotAllowed",
        "RevokeKeyRevokeApiKeyNotFound",
        "RevokeKeyRevokeApiKeyRateLimited",
        "RevokeKeyRevokeApiKeyUnauthenticated",
    ] = Field(alias="revokeApiKey", discriminator="typename__")


class RevokeKeyRevokeApiKeyApiKeyRevoked(BaseModel):
    typename__: Literal["ApiKeyRevoked"] = Field(alias="__typename")
    api_key: "RevokeKeyRevokeApiKeyApiKeyRevokedApiKey" = Field(alias="apiKey")


class RevokeKeyRevokeApiKeyApiKeyRevokedApiKey(BaseModel):
    revoked_at: Optional[datetime] = Field(alias="revokedAt")


class RevokeKeyRevokeApiKeyInvalidInput(BaseModel):
    typename__: Literal["InvalidInput"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class RevokeKeyRevokeApiKeyConflict(BaseModel):
    typename__: Literal["Conflict"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class RevokeKeyRevokeApiKeyNotAllowed(BaseModel):
    typename__: Literal["NotAllowed"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class RevokeKeyRevokeApiKeyNotFound(BaseModel):
    typename__: Literal["NotFound"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class RevokeKeyRevokeApiKeyRateLimited(BaseModel):
    typename__: Literal["RateLimited"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class RevokeKeyRevokeApiKeyUnauthenticated(BaseModel):
    typename__: Literal["Unauthenticated"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


RevokeKey.model_rebuild()
RevokeKeyRevokeApiKeyApiKeyRevoked.model_rebuild()
