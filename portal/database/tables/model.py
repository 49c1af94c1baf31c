"""The declarative base of the tables: schema, constraint names, and column types an index serves under policies."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Date,
    Integer,
    LargeBinary,
    MetaData,
    Numeric,
    Text,
    Uuid,
    func,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TIMESTAMP
from sqlalchemy.orm import DeclarativeBase, mapped_column

SCHEMA = "portal"
NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Model(DeclarativeBase):
    """Base class of the tables; no relationships, since every read names its joins."""

    metadata = MetaData(schema=SCHEMA, naming_convention=NAMES)
    type_annotation_map = {  # noqa: RUF012  # read once by SQLAlchemy
        str: Text(),
        int: Integer(),
        bool: Boolean(),
        bytes: LargeBinary(),
        UUID: Uuid(),
        date: Date(),
        datetime: TIMESTAMP(timezone=True),
        Decimal: Numeric(),
        dict[str, Any]: JSONB(),
        list[Any]: JSONB(),
        list[str]: ARRAY(Text()),
    }


# A code, key or sort column: byte order is the same on every server, and text equality and order are leakproof.
Code = Annotated[str, mapped_column(Text(collation="C"))]
BigInt = Annotated[int, mapped_column(BigInteger())]
PrimaryId = Annotated[UUID, mapped_column(primary_key=True)]
PrimaryCode = Annotated[str, mapped_column(Text(collation="C"), primary_key=True)]
Created = Annotated[datetime, mapped_column(TIMESTAMP(timezone=True), server_default=func.portal.clock())]
Flag = Annotated[bool, mapped_column(Boolean(), server_default="false")]


def one_of(column: str, *values: str) -> CheckConstraint:
    """A CHECK that a code column holds one of the values; enum types of the database are not leakproof."""
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({listed})", name=column)
