from pydantic import Field

from .base_model import BaseModel
from .enums import OrganizationRole, RoleStatus


class ReadApplications(BaseModel):
    role_applications: list["ReadApplicationsRoleApplications"] = Field(
        alias="roleApplications"
    )


class ReadApplicationsRoleApplications(BaseModel):
    organization_id: str = Field(alias="organizationId")
    organization_name: str = Field(alias="organizationName")
    role: OrganizationRole
    status: RoleStatus


ReadApplications.model_rebuild()
