"""Peer benchmarks: cohorts, disclosure rules, contributions, releases, and what is read of them."""
