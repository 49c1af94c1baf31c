"""Releases of peer benchmarks: contributions, published cells and the ledger of everything ever decided."""

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from portal.database.tables.model import Code, Created, Model, PrimaryCode, PrimaryId, one_of


class Release(Model):
    """A frozen, numbered set of benchmark figures for one quarter."""

    __tablename__ = "release"
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    period_start: Mapped[date]
    period_end: Mapped[date]
    policy: Mapped[dict[str, Any]]  # thresholds in force, so that a release explains itself
    terms_version: Mapped[Code]
    created_at: Mapped[Created]


class ReleaseCell(Model):
    """One published figure set, or the fact that a cohort has none; the reason stays with the operator."""

    __tablename__ = "release_cell"
    __table_args__ = (
        one_of("status", "published", "not_published"),
        one_of("reason", "TOO_FEW", "DOMINATED", "UNCHANGED", "WOULD_DISCLOSE", "TOO_RECENT"),
        Index(None, "release_number", "questionnaire", "measure", "sector", "region", "size_band", "tier"),
    )
    release_number: Mapped[int] = mapped_column(ForeignKey(Release.number), primary_key=True)
    id: Mapped[PrimaryId]
    questionnaire: Mapped[Code]
    sector: Mapped[Code]  # ISIC Rev.4 section, or * where folded
    region: Mapped[Code]  # UN M49 region, or *
    size_band: Mapped[Code]
    tier: Mapped[Code]
    measure: Mapped[Code]  # total, pillar:<key> or question:<key>
    status: Mapped[Code]
    reason: Mapped[Code | None]  # not granted to the application's login
    count_band: Mapped[Code | None]  # 10-19, 20-39, 40-79, ...
    mean: Mapped[int | None]  # whole points
    p10: Mapped[int | None]
    p25: Mapped[int | None]
    p50: Mapped[int | None]
    p75: Mapped[int | None]
    p90: Mapped[int | None]
    figures_from: Mapped[int | None]  # the release whose figures stand here when the change gate kept them


class Contribution(Model):
    """What one corporate group contributed to one cell of one release; read by the release job only."""

    __tablename__ = "contribution"
    release_number: Mapped[int] = mapped_column(ForeignKey(Release.number), primary_key=True)
    cell_id: Mapped[UUID] = mapped_column(primary_key=True)
    group_id: Mapped[UUID] = mapped_column(primary_key=True)
    measure: Mapped[PrimaryCode]
    value: Mapped[int]  # hundredths of a point
    submission_id: Mapped[UUID]
    supplier_id: Mapped[UUID]


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
