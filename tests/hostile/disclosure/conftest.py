"""The population of the benchmarks' tests, for the attacks on them."""

from tests.portal.benchmarks.conftest import measured

__all__ = ["measured"]
