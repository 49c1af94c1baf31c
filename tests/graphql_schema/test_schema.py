"""What the product's schema promises as a whole: a rule and a description everywhere, and a current file."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
import strawberry
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    get_named_type,
    is_introspection_type,
    is_specified_scalar_type,
)

from graphql_schema import export, installation, nodes, operation, problems, rules, schema
from portal import access, errors

OWN = {"InvalidInput", "FieldProblem", *(member.__name__ for member in problems.MEMBERS)}


def list_types(built: operation.PortalSchema) -> Iterator[Any]:
    for found in built._schema.type_map.values():
        if not is_introspection_type(found) and not is_specified_scalar_type(found):
            yield found


def find_undescribed(built: operation.PortalSchema) -> list[str]:
    """Every type, field, argument, input field and enum value without a description."""
    missing = []
    for found in list_types(built):
        missing += [] if found.description else [found.name]
        if isinstance(found, GraphQLEnumType):
            missing += [f"{found.name}.{name}" for name, value in found.values.items() if not value.description]
            continue
        for name, field in getattr(found, "fields", {}).items():
            missing += [] if field.description else [f"{found.name}.{name}"]
            for argument, definition in getattr(field, "args", {}).items():
                missing += [] if definition.description else [f"{found.name}.{name}({argument}:)"]
    return missing


def find_ruleless(built: operation.PortalSchema) -> list[str]:
    """Every field of an object type that names no access rule; problems have none, they are answers to all."""
    missing = []
    for found in list_types(built):
        if isinstance(found, GraphQLInputObjectType) or found.name in OWN | {"Problem"}:
            continue
        for name in getattr(found, "fields", {}):
            try:
                rule = rules.rule_of(built._schema, found.name, name)
            except LookupError as missed:
                missing.append(str(missed))
                continue
            if rule not in (*access.RULES, rules.AS_PARENT):
                missing.append(f"{found.name}.{name}: {rule.name} is not of the closed set")
    return missing


def test_everything_has_a_description() -> None:
    assert find_undescribed(schema.get_schema()) == []


def test_every_field_has_an_access_rule() -> None:
    assert find_ruleless(schema.get_schema()) == []


def test_every_field_shows_its_rule() -> None:
    built = schema.get_schema()._schema
    for found in list_types(schema.get_schema()):
        if isinstance(found, GraphQLInputObjectType) or found.name in OWN | {"Problem"}:
            continue
        for name, field in getattr(found, "fields", {}).items():
            own = field.extensions["strawberry-definition"].metadata["rule"]
            if own is not rules.AS_PARENT:
                assert field.description.endswith(f"Requires: {own.words}."), f"{found.name}.{name}"
            assert rules.rule_of(built, found.name, name)


def test_no_root_field_leaves_its_rule_to_a_parent() -> None:
    built = schema.get_schema()._schema
    for root in (built.query_type, built.mutation_type, built.subscription_type):
        for name in root.fields if root else ():
            assert rules.rule_of(built, root.name, name) is not rules.AS_PARENT, f"{root.name}.{name}"


def test_every_mutation_gives_a_union_with_all_problems() -> None:
    built = schema.get_schema()._schema
    for name, field in built.mutation_type.fields.items() if built.mutation_type else ():
        members = {member.name for member in field.type.of_type.types}
        assert {member.__name__ for member in problems.MEMBERS} <= members, name


def test_only_questionnaire_documents_are_json() -> None:
    found = [
        f"{one.name}.{name}"
        for one in list_types(schema.get_schema())
        for name, field in getattr(one, "fields", {}).items()
        if get_named_type(field.type).name == "JSON"
    ]
    assert found in ([], ["QuestionnaireVersion.document"])


def test_the_schema_file_is_current() -> None:
    wanted = "schema.graphql is not current: run python -m graphql_schema.export"
    assert export.PATH.read_text(encoding="utf-8") == export.print_schema(), wanted


def test_the_checks_see_what_is_missing() -> None:
    @strawberry.input
    class Bare:
        word: str

    @strawberry.type
    class BareQuery:
        @strawberry.field
        def bare(self, given: Bare) -> str:
            return given.word

    built = schema.build_schema((BareQuery,), (), ())
    assert find_undescribed(built) == ["Query.bare", "Query.bare(given:)", "Bare", "Bare.word"]
    assert find_ruleless(built) == ["Query.bare has no access rule."]


def test_no_noun_is_left_out_of_the_schema() -> None:
    declares = re.compile(r"^class \w+(Query|Mutation|Subscription)\b", re.MULTILINE)
    modules = {file.stem for file in export.PATH.parent.glob("*.py") if declares.search(file.read_text())}
    assert modules == set(schema.NOUNS)


def test_two_nouns_cannot_claim_one_field() -> None:
    with pytest.raises(errors.SetupError, match="service"):
        schema.build_schema((installation.InstallationQuery, installation.InstallationQuery), (), ())
    with pytest.raises(errors.SetupError, match="at least one"):
        schema.build_schema((), (), ())


def test_a_tag_belongs_to_one_type() -> None:
    async def load(*_: Any) -> list[Any]:
        return []

    kind = nodes.NodeKind("once", "Once", access.PUBLIC)
    nodes.loads(kind)(load)
    nodes.loads(kind)(load)
    with pytest.raises(errors.SetupError, match="Once already"):
        nodes.loads(nodes.NodeKind("once", "Twice", access.PUBLIC))(load)
