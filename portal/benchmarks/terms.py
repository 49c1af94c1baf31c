"""The terms of use that a partner accepts before it reads releases."""

VERSION = "2026-1"
TEXT = (
    "Figures are of cohorts, never of a company. You will not try to find out what any one company contributed, nor "
    "combine figures with other data to that end, nor pass them on without these terms. Name the release number where "
    "you show a figure. Figures rest on what companies say of themselves."
)
