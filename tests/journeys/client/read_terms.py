from pydantic import Field

from .base_model import BaseModel


class ReadTerms(BaseModel):
    partner_terms: "ReadTermsPartnerTerms" = Field(alias="partnerTerms")


class ReadTermsPartnerTerms(BaseModel):
    version: str
    text: str


ReadTerms.model_rebuild()
