"""The schema: which nouns it is made of. Each noun's module adds its fields here and nothing else."""

from collections import Counter
from collections.abc import Sequence
from functools import cache
from typing import Any

import strawberry

from graphql_schema import (
    account,
    api_key,
    assessment,
    benchmark,
    contact,
    evidence,
    invitation,
    member,
    nodes,
    operator,
    organization,
    questionnaire,
    questionnaire_request,
    receipt,
    received_request,
    service,
    share,
    site,
    submission,
    supplier,
    supplier_invitation,
    supplier_list,
    supplier_upsert,
)
from graphql_schema.operation import PortalSchema
from portal import errors

QUERIES: tuple[type, ...] = (
    service.ServiceQuery,
    nodes.NodeQuery,
    account.AccountQuery,
    member.MemberQuery,
    invitation.InvitationQuery,
    api_key.ApiKeyQuery,
    operator.OperatorQuery,
    questionnaire.QuestionnaireQuery,
    questionnaire_request.RequestQuery,
    received_request.ReceivedRequestQuery,
    assessment.AssessmentQuery,
    submission.SubmissionQuery,
    evidence.EvidenceQuery,
    share.ShareQuery,
    receipt.ReceiptQuery,
    benchmark.BenchmarkQuery,
    supplier.SupplierQuery,
    site.SiteQuery,
)
MUTATIONS: tuple[type, ...] = (
    account.AccountMutation,
    organization.OrganizationMutation,
    member.MemberMutation,
    invitation.InvitationMutation,
    api_key.ApiKeyMutation,
    operator.OperatorMutation,
    questionnaire_request.RequestMutation,
    received_request.ReceivedRequestMutation,
    assessment.AssessmentMutation,
    submission.SubmissionMutation,
    evidence.EvidenceMutation,
    share.ShareMutation,
    benchmark.BenchmarkMutation,
    supplier.SupplierMutation,
    contact.ContactMutation,
    supplier_invitation.SupplierInvitationMutation,
    supplier_list.SupplierListMutation,
    supplier_upsert.SupplierUpsertMutation,
    site.SiteMutation,
)
SUBSCRIPTIONS: tuple[type, ...] = (assessment.AssessmentSubscription,)
TYPES: tuple[type, ...] = ()  # object types that only `node` reaches


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
    """A schema from any set of nouns."""
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
    return build_schema(QUERIES, MUTATIONS, SUBSCRIPTIONS, TYPES)
