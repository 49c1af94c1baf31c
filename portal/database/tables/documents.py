"""GraphQL documents that clients were built with; they belong to no organization."""

from sqlalchemy.orm import Mapped

from portal.database.tables.model import Created, Model, PrimaryCode


class TrustedDocument(Model):
    """A document under the SHA-256 of its text, which the database checks, so that a hash never means another one."""

    __tablename__ = "trusted_document"
    content_hash: Mapped[PrimaryCode]
    text: Mapped[str]
    added_at: Mapped[Created]
