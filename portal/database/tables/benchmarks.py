"""Releases of peer benchmarks: policy, partition, contributors, contributions, published cells and the ledger."""

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.database.tables.model import Code, Created, Model, PrimaryCode, PrimaryId, one_of


class BenchmarkPolicy(Model):
    """What the disclosure rules of this installation keep to themselves; one row, drawn when the schema is made."""

    __tablename__ = "benchmark_policy"
    __table_args__ = (
        CheckConstraint("id = 1", name="single"),
        CheckConstraint("p_percent BETWEEN 10 AND 20", name="p_percent"),
    )
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    p_percent: Mapped[int]
    created_at: Mapped[Created]


class BenchmarkPartition(Model):
    """The cohorts of one questionnaire, as cells of the tree, that stay the same for four quarters."""

    __tablename__ = "benchmark_partition"
    questionnaire: Mapped[PrimaryCode]
    first_day: Mapped[date] = mapped_column(primary_key=True)
    last_day: Mapped[date]
    cells: Mapped[list[Any]]  # [[tier, sector, region, size band]], * where folded
    created_at: Mapped[Created]


class Release(Model):
    """A frozen, numbered set of benchmark figures for one quarter, the first for it or one that corrects another."""

    __tablename__ = "release"
    __table_args__ = (
        UniqueConstraint("corrects"),
        CheckConstraint("corrects < number", name="order"),
        CheckConstraint("(corrects IS NULL) = (correction_reason IS NULL)", name="reason"),
        Index("ix_release_period_end", "period_end", unique=True, postgresql_where=text("corrects IS NULL")),
    )
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    period_start: Mapped[date]
    period_end: Mapped[date]
    policy: Mapped[dict[str, Any]]  # thresholds in force, so that a release explains itself; never the drawn ones
    terms_version: Mapped[Code]
    created_at: Mapped[Created]
    corrects: Mapped[int | None] = mapped_column(ForeignKey("portal.release.number"))  # the one before, of its quarter
    correction_reason: Mapped[str | None]  # everybody who reads releases reads it


class ReleaseCell(Model):
    """One published figure set, or the fact that a cohort has none; the reason stays with the operator."""

    __tablename__ = "release_cell"
    __table_args__ = (
        one_of("status", "published", "not_published"),
        one_of("reason", "TOO_FEW", "DOMINATED", "UNCHANGED", "WOULD_DISCLOSE", "TOO_RECENT"),
        CheckConstraint("step > 0", name="step"),
        one_of("direction", "up", "down", "neutral"),
        UniqueConstraint("release_number", "cell", "measure"),
        Index(None, "release_number", "questionnaire", "measure", "tier", "sector", "region", "size_band"),
    )
    release_number: Mapped[int] = mapped_column(ForeignKey(Release.number), primary_key=True)
    id: Mapped[PrimaryId]
    cell: Mapped[Code]  # questionnaire/tier/sector/region/size band
    questionnaire: Mapped[Code]
    tier: Mapped[Code]
    sector: Mapped[Code]  # ISIC Rev.4 section, or * where folded
    region: Mapped[Code]  # UN M49 region, or *
    size_band: Mapped[Code]
    measure: Mapped[Code]  # total, pillar:<key>, question:<key>, upper:<key>, rest:<key> or indicator:<key>
    status: Mapped[Code]
    reason: Mapped[Code | None]  # not granted to the application's login
    count_band: Mapped[Code | None]  # 10-19, 20-39, 40-79, ...
    mean: Mapped[int | None]  # whole steps, as the quantiles are
    p10: Mapped[int | None]
    p25: Mapped[int | None]
    p50: Mapped[int | None]
    p75: Mapped[int | None]
    p90: Mapped[int | None]
    figures_from: Mapped[int | None]  # the release that made the figures, which may be an older one
    unit: Mapped[Code] = mapped_column(server_default="point")
    step: Mapped[Decimal] = mapped_column(server_default="1")  # so much of the unit is one in figures
    direction: Mapped[Code] = mapped_column(server_default="up")  # where better lies


class ReleaseContributor(Model):
    """Whose submission a release counted, or left waiting as too recent, and in which leaf of the tree it stands."""

    __tablename__ = "release_contributor"
    __table_args__ = (Index(None, "supplier_id", "questionnaire", "release_number"),)
    release_number: Mapped[int] = mapped_column(ForeignKey(Release.number), primary_key=True)
    questionnaire: Mapped[PrimaryCode]
    supplier_id: Mapped[UUID] = mapped_column(primary_key=True)
    submission_id: Mapped[UUID]
    profile_number: Mapped[int]
    tier: Mapped[Code]
    sector: Mapped[Code]
    region: Mapped[Code]
    size_band: Mapped[Code]
    group_id: Mapped[UUID]  # the confirmed group, or zeros for all without one; not granted to the application
    waits: Mapped[bool]


class Contribution(Model):
    """What one corporate group contributed to one cell of one release; read by the release job only."""

    __tablename__ = "contribution"
    release_number: Mapped[int] = mapped_column(ForeignKey(Release.number), primary_key=True)
    cell: Mapped[PrimaryCode]
    measure: Mapped[PrimaryCode]
    group_id: Mapped[UUID] = mapped_column(primary_key=True)
    value: Mapped[int]  # hundredths of a point or step; the mean over the group's organizations in the cell


class ReleaseLedger(Model):
    """Every decision of the disclosure control, with its reason, for ever."""

    __tablename__ = "release_ledger"
    __table_args__ = (Index(None, "release_number"),)
    id: Mapped[PrimaryId]
    release_number: Mapped[int]
    cell: Mapped[Code]
    measure: Mapped[Code]
    decision: Mapped[Code]
    reason: Mapped[Code | None]
    detail: Mapped[dict[str, Any]]
    decided_at: Mapped[Created]


class BenchmarkChoice(Model):
    """A supplier's withdrawal from future releases."""

    __tablename__ = "benchmark_choice"
    organization_id: Mapped[PrimaryId]
    takes_part: Mapped[bool]
    changed_at: Mapped[Created]


class PartnerTerms(Model):
    """Which terms of use an organization accepted, in which version, when."""

    __tablename__ = "partner_terms"
    organization_id: Mapped[PrimaryId]
    terms_version: Mapped[PrimaryCode]
    accepted_by: Mapped[UUID | None]
    accepted_at: Mapped[Created]
