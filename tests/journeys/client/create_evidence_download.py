from datetime import datetime
from typing import Literal, Union

from pydantic import Field

from .base_model import BaseModel


class CreateEvidenceDownload(BaseModel):
    create_evidence_download: Union[
        "CreateEvidenceDownloadCreateEvidenceDownloadEvidenceDownloadCreated",
        "CreateEvidenceDownloadCreateEvidenceDownloadInvalidInput",
        "CreateEvidenceDownloadCreateEvidenceDownloadConflict",
        "CreateEvidenceDownloadCreateEvidenceDownloadNotAllowed",
        "CreateEvidenceDownloadCreateEvidenceDownloadNotFound",
        "CreateEvidenceDownloadCreateEvidenceDownloadRateLimited",
        "CreateEvidenceDownloadCreateEvidenceDownloadUnauthenticated",
    ] = Field(alias="createEvidenceDownload", discriminator="typename__")


class CreateEvidenceDownloadCreateEvidenceDownloadEvidenceDownloadCreated(BaseModel):
    typename__: Literal["EvidenceDownloadCreated"] = Field(alias="__typename")
    url: str
    expires_at: datetime = Field(alias="expiresAt")


class CreateEvidenceDownloadCreateEvidenceDownloadInvalidInput(BaseModel):
    typename__: Literal["InvalidInput"] = Field(alias="__typename")
    problems: list["CreateEvidenceDownloadCreateEvidenceDownloadInvalidInputProblems"]
    code: str
    message: str
    path: list[str]


class CreateEvidenceDownloadCreateEvidenceDownloadInvalidInputProblems(BaseModel):
    path: list[str]
    code: str
    message: str


class CreateEvidenceDownloadCreateEvidenceDownloadConflict(BaseModel):
    typename__: Literal["Conflict"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class CreateEvidenceDownloadCreateEvidenceDownloadNotAllowed(BaseModel):
    typename__: Literal["NotAllowed"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class CreateEvidenceDownloadCreateEvidenceDownloadNotFound(BaseModel):
    typename__: Literal["NotFound"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class CreateEvidenceDownloadCreateEvidenceDownloadRateLimited(BaseModel):
    typename__: Literal["RateLimited"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class CreateEvidenceDownloadCreateEvidenceDownloadUnauthenticated(BaseModel):
    typename__: Literal["Unauthenticated"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


CreateEvidenceDownload.model_rebuild()
CreateEvidenceDownloadCreateEvidenceDownloadInvalidInput.model_rebuild()
