from datetime import datetime
from typing import Literal, Optional, Union

from pydantic import Field

from .base_model import BaseModel
from .enums import EvidenceState


class CreateEvidenceUpload(BaseModel):
    create_evidence_upload: Union[
        "CreateEvidenceUploadCreateEvidenceUploadEvidenceUploadCreated",
        "CreateEvidenceUploadCreateEvidenceUploadInvalidInput",
        "CreateEvidenceUploadCreateEvidenceUploadConflict",
        "CreateEvidenceUploadCreateEvidenceUploadNotAllowed",
        "CreateEvidenceUploadCreateEvidenceUploadNotFound",
        "CreateEvidenceUploadCreateEvidenceUploadRateLimited",
        "CreateEvidenceUploadCreateEvidenceUploadUnauthenticated",
    ] = Field(alias="createEvidenceUpload", discriminator="typename__")


class CreateEvidenceUploadCreateEvidenceUploadEvidenceUploadCreated(BaseModel):
    typename__: Literal["EvidenceUploadCreated"] = Field(alias="__typename")
    evidence: "CreateEvidenceUploadCreateEvidenceUploadEvidenceUploadCreatedEvidence"
    upload: Optional[
        "CreateEvidenceUploadCreateEvidenceUploadEvidenceUploadCreatedUpload"
    ]


class CreateEvidenceUploadCreateEvidenceUploadEvidenceUploadCreatedEvidence(BaseModel):
    id: str
    state: EvidenceState


class CreateEvidenceUploadCreateEvidenceUploadEvidenceUploadCreatedUpload(BaseModel):
    url: str
    method: str
    headers: list[
        "CreateEvidenceUploadCreateEvidenceUploadEvidenceUploadCreatedUploadHeaders"
    ]
    max_bytes: int = Field(alias="maxBytes")
    expires_at: datetime = Field(alias="expiresAt")


class CreateEvidenceUploadCreateEvidenceUploadEvidenceUploadCreatedUploadHeaders(
    BaseModel
):
    name: str
    value: str


class CreateEvidenceUploadCreateEvidenceUploadInvalidInput(BaseModel):
    typename__: Literal["InvalidInput"] = Field(alias="__typename")
    problems: list["CreateEvidenceUploadCreateEvidenceUploadInvalidInputProblems"]
    code: str
    message: str
    path: list[str]


class CreateEvidenceUploadCreateEvidenceUploadInvalidInputProblems(BaseModel):
    path: list[str]
    code: str
    message: str


class CreateEvidenceUploadCreateEvidenceUploadConflict(BaseModel):
    typename__: Literal["Conflict"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class CreateEvidenceUploadCreateEvidenceUploadNotAllowed(BaseModel):
    typename__: Literal["NotAllowed"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class CreateEvidenceUploadCreateEvidenceUploadNotFound(BaseModel):
    typename__: Literal["NotFound"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class CreateEvidenceUploadCreateEvidenceUploadRateLimited(BaseModel):
    typename__: Literal["RateLimited"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class CreateEvidenceUploadCreateEvidenceUploadUnauthenticated(BaseModel):
    typename__: Literal["Unauthenticated"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


CreateEvidenceUpload.model_rebuild()
CreateEvidenceUploadCreateEvidenceUploadEvidenceUploadCreated.model_rebuild()
CreateEvidenceUploadCreateEvidenceUploadEvidenceUploadCreatedUpload.model_rebuild()
CreateEvidenceUploadCreateEvidenceUploadInvalidInput.model_rebuild()
