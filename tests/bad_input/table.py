"""One table of wrong input over everything that takes any: each case with the code, field and words that must come."""

from tests.bad_input import commands, files, mutations, requests

CASES = [*mutations.CASES, *requests.CASES, *files.CASES, *commands.CASES]
