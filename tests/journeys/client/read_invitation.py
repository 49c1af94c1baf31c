from datetime import datetime
from typing import Optional

from pydantic import Field

from .base_model import BaseModel
from .enums import InvitationKind


class ReadInvitation(BaseModel):
    invitation: Optional["ReadInvitationInvitation"]


class ReadInvitationInvitation(BaseModel):
    kind: InvitationKind
    organization_name: str = Field(alias="organizationName")
    record_name: Optional[str] = Field(alias="recordName")
    record_country: Optional[str] = Field(alias="recordCountry")
    email: Optional[str]
    expires_at: datetime = Field(alias="expiresAt")
    requests: int


ReadInvitation.model_rebuild()
