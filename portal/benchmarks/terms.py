"""The terms under which a partner may read, use and pass on releases; it accepts them before it reads one."""

VERSION = "2026-2"
PATH = "/v1/benchmarks/terms.txt"
TEXT = """\
Figures are of cohorts, never of a company. You will not try to find out what any one company contributed, nor \
combine figures with other data to that end.
You may use the figures, also in what you sell, and change their form. You may pass them on with these terms, which \
then hold for whoever gets them.
Name the release number where you show a figure. Where a release was corrected, show the figures of the one that \
corrects it, or say that they were corrected.
Figures rest on what companies say of themselves. Nobody promises that they are right or fit for a purpose.
Whoever breaks these terms may not use the figures any longer."""


def write_licence() -> str:
    """The terms with their version, one paragraph each, as plain text."""
    title = f"Benchmark releases: terms of use and licence, version {VERSION}"
    return "\n\n".join([title, *TEXT.splitlines()]) + "\n"
