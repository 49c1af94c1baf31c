"""A small read model over tables of its own: every kind of field and link, under row-level security."""

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    Integer,
    MetaData,
    Table,
    Text,
    Uuid,
    column,
    func,
    literal,
    not_,
    select,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TIMESTAMP

from portal import access
from portal.reading import outputs
from portal.reading.declarations import (
    Connection,
    Field,
    Filter,
    Many,
    Noun,
    One,
    OneOf,
    Part,
    Slice,
    Sort,
    equals,
    one_of,
)
from portal.reading.sources import Join, Source

TABLES = MetaData(schema="toy")
TEXT = Text(collation="C")
firm = Table(
    "firm",
    TABLES,
    Column("owner_id", Uuid, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("name", TEXT, nullable=False),
    Column("country", TEXT),
    Column("grade", TEXT),
    Column("score", Integer),
    Column("score_missing", Boolean, nullable=False),
    Column("founded", Date),
    Column("seen_at", TIMESTAMP(timezone=True), nullable=False),
    Column("tags", ARRAY(Text), nullable=False),
    Column("parts", JSONB),
    Column("parent_id", Uuid),
    Column("keeper_id", Uuid),
)
plant = Table(
    "plant",
    TABLES,
    Column("owner_id", Uuid, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("firm_id", Uuid, nullable=False),
    Column("name", TEXT, nullable=False),
    Column("staff", Integer),
    Column("staff_missing", Boolean, nullable=False),
    Column("opened", Date, nullable=False),
)
person = Table(
    "person",
    TABLES,
    Column("owner_id", Uuid, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("name", TEXT, nullable=False),
    Column("nickname", TEXT),
)
INDEXES = (
    "CREATE INDEX firm_name ON toy.firm (owner_id, name, id)",
    "CREATE INDEX firm_score ON toy.firm (owner_id, score_missing, score DESC, id)",
    "CREATE INDEX plant_name ON toy.plant (owner_id, firm_id, name, id)",
    "CREATE INDEX plant_staff ON toy.plant (owner_id, firm_id, staff_missing, staff, id)",
)


def load_words(text: str) -> list[str]:
    return text.lower().split()


PART = Noun(
    "Part",
    source=firm,  # never used: its rows come from the parent's JSON
    scope=None,
    fields={
        "key": Field(lambda row, viewer: row.c.value["key"].astext, required=True),
        "score": Field(lambda row, viewer: row.c.value["score"].astext.cast(Integer), outputs.HUNDREDTHS),
    },
)
PERSON = Noun(
    "Person",
    source=person,
    scope=lambda row, viewer: row.c.owner_id == viewer.organization_id,
    key=("id",),
    fields={
        "id": Field(lambda row, viewer: outputs.write_node_id("pers", row.c.owner_id, row.c.id), required=True),
        "name": Field(lambda row, viewer: row.c.name),
        "nickname": Field(lambda row, viewer: row.c.nickname),
    },
)
PLANT = Noun(
    "Plant",
    source=plant,
    scope=lambda row, viewer: row.c.owner_id == viewer.organization_id,
    fields={
        "id": Field(lambda row, viewer: outputs.write_node_id("plnt", row.c.owner_id, row.c.id), required=True),
        "name": Field(lambda row, viewer: row.c.name),
        "staff": Field(lambda row, viewer: row.c.staff),
        "opened": Field(lambda row, viewer: row.c.opened),
        "firm_name": Field(lambda row, viewer: row.join("firm").c.name),
        "viewer_can_edit": Field(
            lambda row, viewer: literal(viewer.allows(access.BUYER_EDITOR)) & (row.c.staff > 0).is_not(False),
            required=True,
        ),
    },
    links={
        "firm": One(lambda: FIRM, lambda plant_, firm_: firm_.c.id == plant_.c.firm_id, required=True),
    },
    joins={"firm": Join(firm, lambda row, joined: joined.c.id == row.c.firm_id)},
)
PLANTS = {
    "sorts": {
        "name": Sort(lambda row, viewer: row.c.name),
        "staff": Sort(
            lambda row, viewer: row.c.staff,
            kind=int,
            present=lambda row, viewer: not_(row.c.staff_missing),
            absent=lambda row, viewer: row.c.staff_missing,
        ),
        "opened": Sort(lambda row, viewer: row.c.opened, kind=date, descending=True, tie_descending=True),
    },
    "default_sort": "name",
    "filters": {
        "name": equals("name"),
        "opened_after": Filter(lambda row, viewer, value: row.c.opened > value, Date()),
    },
}
RATING = Noun(
    "Rating",
    source=firm,  # never used: it is made of the firm's own row
    scope=None,
    fields={
        "grade": Field(lambda row, viewer: row.c.grade, outputs.CODE),
        "score": Field(lambda row, viewer: row.c.score, outputs.HUNDREDTHS, required=True),
    },
)


def list_plants(parent: Source) -> Any:
    beside = plant.alias()
    return select(*beside.c).where(beside.c.firm_id == parent.c.id).correlate(*parent.froms).lateral()


FIRM = Noun(
    "Firm",
    source=firm,
    scope=lambda row, viewer: row.c.owner_id == viewer.organization_id,
    key=("id", "name"),
    fields={
        "id": Field(lambda row, viewer: outputs.write_node_id("firm", row.c.owner_id, row.c.id), required=True),
        "name": Field(lambda row, viewer: row.c.name),
        "country": Field(lambda row, viewer: row.c.country),
        "grade": Field(lambda row, viewer: row.c.grade, outputs.CODE),
        "tint": Field(lambda row, viewer: row.c.grade, outputs.names({"gold": "YELLOW", "not_rated": "GRAY"})),
        "score": Field(lambda row, viewer: row.c.score, outputs.HUNDREDTHS),
        "points": Field(lambda row, viewer: row.c.score),
        "founded": Field(lambda row, viewer: row.c.founded),
        "seen_at": Field(lambda row, viewer: row.c.seen_at, outputs.MOMENT, required=True),
        "tags": Field(lambda row, viewer: row.c.tags),
        "secret": Field(lambda row, viewer: row.c.name),
        "plant_count": Field(
            lambda row, viewer: func.coalesce(func.cardinality(row.c.tags), 0), outputs.INTEGER, required=True
        ),
        "strict_country": Field(lambda row, viewer: row.c.country),
    },
    links={
        "parent": One(lambda: FIRM, lambda child, parent: parent.c.id == child.c.parent_id),
        "parts": Many(
            PART,
            rows=lambda parent: (
                func.jsonb_array_elements(parent.c.parts)
                .table_valued(column("value", JSONB), with_ordinality="place")
                .render_derived()
            ),
            order=lambda row: (row.c.place,),
            when=lambda parent, viewer: parent.c.parts.is_not(None),
        ),
        "top_plants": Many(
            PLANT,
            on=lambda firm_, plant_: plant_.c.firm_id == firm_.c.id,
            order=lambda row: (row.c.staff.desc().nulls_last(), row.c.id),
            filters={"name": equals("name")},
            most=3,
        ),
        "plants": Connection(PLANT, on=lambda firm_, plant_: plant_.c.firm_id == firm_.c.id, count_cap=4, **PLANTS),
        "rating": Part(RATING, when=lambda firm_, viewer: firm_.c.score.is_not(None)),
        "first_plants": Slice(
            "PlantStart",
            PLANT,
            items="plants",
            more="has_more",
            rows=list_plants,
            order=lambda row: (row.c.opened, row.c.id),
            filters={"opened_after": Filter(lambda row, viewer, value: row.c.opened > value, Date())},
            fields={"firm_name": Field(lambda row, viewer: row.c.name)},
            size=2,
        ),
        "keeper": OneOf(
            (
                One(PERSON, lambda firm_, person_: person_.c.id == firm_.c.keeper_id),
                One(PLANT, lambda firm_, plant_: plant_.c.id == firm_.c.keeper_id),
            )
        ),
    },
)
FIRMS = Connection(
    FIRM,
    sorts={
        "name": Sort(lambda row, viewer: row.c.name),
        "best": Sort(
            lambda row, viewer: row.c.score,
            kind=int,
            descending=True,
            present=lambda row, viewer: not_(row.c.score_missing),
            absent=lambda row, viewer: row.c.score_missing,
        ),
        "worst": Sort(
            lambda row, viewer: row.c.score,
            kind=int,
            tie_descending=True,
            present=lambda row, viewer: not_(row.c.score_missing),
            absent=lambda row, viewer: row.c.score_missing,
        ),
    },
    default_sort="name",
    filters={
        "country": one_of("country"),
        "grade": equals("grade"),
        "words": Filter(lambda row, viewer, word: row.c.name >= word, Text(), load_words, each=True, most=3),
    },
    count_cap=10,
)
NOUNS = {noun.name: noun for noun in (FIRM, PLANT, PERSON, PART)}
OWNER, OTHER = UUID(int=1), UUID(int=2)
EDITOR = access.Actor(
    user_id=UUID(int=9), organization_id=OWNER, member_role="editor", organization_roles=frozenset({"buyer"})
)
