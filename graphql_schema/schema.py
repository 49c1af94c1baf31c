"""The schema: which nouns it is made of. A noun's module says all it adds in classes named *Query, *Mutation, ..."""

import importlib
import inspect
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any

import strawberry

from graphql_schema.operation import PortalSchema
from portal import errors

# Modules of this package, in the order in which their fields stand in the schema.
NOUNS = (
    "installation", "nodes", "account", "email_change", "personal_data", "second_factor", "sso", "organization",
    "closing", "member", "invitation", "api_key", "webhook", "operator", "register", "operator_limit", "failure",
    "read_plan", "glass", "glass_view", "questionnaire", "questionnaire_difference", "questionnaire_draft",
    "own_questionnaire", "own_translation", "questionnaire_trial", "questionnaire_approval", "questionnaire_request",
    "request_load", "received_request", "assessment", "assessment_upgrade", "answer_decision", "answer_push",
    "assignment", "comment", "sign_off", "submission", "year_comparison", "site_result", "correction", "evidence",
    "redaction", "share", "access_request", "received_access_request", "standing_rule", "engagement", "statement",
    "clarification", "dispute", "receipt", "audit", "benchmark", "supplier", "contact", "contact_suggestion", "change",
    "campaign", "campaign_preview", "cadence", "feedback", "supplier_class", "supplier_invitation", "supplier_list",
    "supplier_upsert", "site",
)  # fmt: skip


def find_roots(ending: str) -> Iterator[type]:
    """The classes of the nouns' own whose names end so: Query, Mutation or Subscription."""
    for noun in NOUNS:
        module = importlib.import_module(f"{__package__}.{noun}")
        for name, found in inspect.getmembers(module, inspect.isclass):
            if name.endswith(ending) and found.__module__ == module.__name__:
                yield found


def merge_roots(name: str, description: str, nouns: Sequence[Any]) -> type | None:
    """One root type from the fields of several nouns; raises SetupError where two claim the same name."""
    names = Counter(field.name for noun in nouns for field in noun.__strawberry_definition__.fields)
    twice = sorted(field for field, count in names.items() if count > 1)
    if twice:
        raise errors.SetupError(f"{name} has these fields from two nouns: {', '.join(twice)}.")
    return strawberry.type(type(name, tuple(nouns), {}), description=description) if nouns else None


def build_schema(
    queries: Sequence[type], mutations: Sequence[type], subscriptions: Sequence[type], types: Sequence[type] = ()
) -> PortalSchema:
    """A schema from any set of nouns; `types` are object types that only `node` reaches."""
    query = merge_roots("Query", "What can be read.", queries)
    if query is None:
        raise errors.SetupError("A schema needs at least one query.")
    return PortalSchema(
        query=query,
        mutation=merge_roots("Mutation", "What can be changed.", mutations),
        subscription=merge_roots("Subscription", "What can be followed, over graphql-transport-ws.", subscriptions),
        types=tuple(types),
    )


@cache
def get_schema() -> PortalSchema:
    """The schema that the portal serves, built once."""
    return build_schema(*(tuple(find_roots(ending)) for ending in ("Query", "Mutation", "Subscription")))
