"""The chapters assert as tests do, and so say as much when they fail."""

import pytest

pytest.register_assert_rewrite(
    *(f"tests.journeys.{name}" for name in ("buying", "documents", "partnering", "supplying", "world"))
)
