from typing import Literal, Union

from pydantic import Field

from .base_model import BaseModel


class AttachEvidence(BaseModel):
    attach_evidence: Union[
        "AttachEvidenceAttachEvidenceEvidenceAttached",
        "AttachEvidenceAttachEvidenceInvalidInput",
        "AttachEvidenceAttachEvidenceConflict",
        "AttachEvidenceAttachEvidenceNotAllowed",
        "AttachEvidenceAttachEvidenceNotFound",
        "AttachEvidenceAttachEvidenceRateLimited",
        "AttachEvidenceAttachEvidenceUnauthenticated",
    ] = Field(alias="attachEvidence", discriminator="typename__")


class AttachEvidenceAttachEvidenceEvidenceAttached(BaseModel):
    typename__: Literal["EvidenceAttached"] = Field(alias="__typename")
    evidence: "AttachEvidenceAttachEvidenceEvidenceAttachedEvidence"


class AttachEvidenceAttachEvidenceEvidenceAttachedEvidence(BaseModel):
    id: str
    attachments: list["AttachEvidenceAttachEvidenceEvidenceAttachedEvidenceAttachments"]


class AttachEvidenceAttachEvidenceEvidenceAttachedEvidenceAttachments(BaseModel):
    assessment_id: str = Field(alias="assessmentId")
    question: str


class AttachEvidenceAttachEvidenceInvalidInput(BaseModel):
    typename__: Literal["InvalidInput"] = Field(alias="__typename")
    problems: list["AttachEvidenceAttachEvidenceInvalidInputProblems"]
    code: str
    message: str
    path: list[str]


class AttachEvidenceAttachEvidenceInvalidInputProblems(BaseModel):
    path: list[str]
    code: str
    message: str


class AttachEvidenceAttachEvidenceConflict(BaseModel):
    typename__: Literal["Conflict"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class AttachEvidenceAttachEvidenceNotAllowed(BaseModel):
    typename__: Literal["NotAllowed"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class AttachEvidenceAttachEvidenceNotFound(BaseModel):
    typename__: Literal["NotFound"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class AttachEvidenceAttachEvidenceRateLimited(BaseModel):
    typename__: Literal["RateLimited"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class AttachEvidenceAttachEvidenceUnauthenticated(BaseModel):
    typename__: Literal["Unauthenticated"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


AttachEvidence.model_rebuild()
AttachEvidenceAttachEvidenceEvidenceAttached.model_rebuild()
AttachEvidenceAttachEvidenceEvidenceAttachedEvidence.model_rebuild()
AttachEvidenceAttachEvidenceInvalidInput.model_rebuild()
