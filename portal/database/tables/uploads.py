"""Pieces of files that have not come whole yet."""

from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.database.tables.model import BigInt, Code, Created, Model


class UploadPart(Model):
    """What one request brought of a file, by the link that it came in by; only named functions reach it."""

    __tablename__ = "upload_part"
    __table_args__ = (UniqueConstraint("storage_key"),)
    upload_hash: Mapped[bytes] = mapped_column(primary_key=True)
    start: Mapped[BigInt] = mapped_column(primary_key=True, autoincrement=False)
    size: Mapped[BigInt]
    storage_key: Mapped[Code]
    created_at: Mapped[Created]
