"""The operations that the tests of this folder send, and questionnaires of a publisher."""

from typing import Any

from tests.graphql_schema.assessments.documents import PROBLEM, do
from tests.graphql_schema.portals import Caller, Portal
from tests.portal.assessments import sample

OWN = (
    "key title visibility currentVersion versions { version contentHash isCurrent deprecatedOn retiredOn approval"
    " approvalReason profileNumbers } translations { locale state reason }"
)
DRAFT = "questionnaire version title revision isSound findings { part severity path question line message }"
CLAIM = (
    "mutation ($input: ClaimPublisherNameInput!) { result: claimPublisherName(input: $input) { __typename"
    f" ... on PublisherNameClaimed {{ name }} {PROBLEM} }} }}"
)
RELEASE = (
    "mutation ($input: ReleasePublisherNameInput!) { result: releasePublisherName(input: $input) { __typename"
    f" ... on PublisherNameReleased {{ name }} {PROBLEM} }} }}"
)
IMPORT = (
    "mutation ($input: ImportQuestionnaireInput!) { result: importQuestionnaire(input: $input) { __typename"
    f" ... on QuestionnaireImported {{ draft {{ {DRAFT} }} }} {PROBLEM} }} }}"
)
DISCARD = (
    "mutation ($input: DiscardQuestionnaireDraftInput!) { result: discardQuestionnaireDraft(input: $input)"
    f" {{ __typename ... on QuestionnaireDraftDiscarded {{ questionnaire }} {PROBLEM} }} }}"
)
PUBLISH = (
    "mutation ($input: PublishQuestionnaireInput!) { result: publishQuestionnaire(input: $input) { __typename"
    f" ... on QuestionnairePublished {{ version questionnaire {{ {OWN} }} }} {PROBLEM} }} }}"
)
SHOW = (
    "mutation ($input: SetQuestionnaireVisibilityInput!) { result: setQuestionnaireVisibility(input: $input)"
    f" {{ __typename ... on QuestionnaireVisibilitySet {{ questionnaire {{ {OWN} }} }} {PROBLEM} }} }}"
)
END = (
    "mutation ($input: EndQuestionnaireVersionInput!) { result: endQuestionnaireVersion(input: $input)"
    f" {{ __typename ... on QuestionnaireVersionEnded {{ questionnaire {{ {OWN} }} }} {PROBLEM} }} }}"
)
ADD_PROFILE = (
    "mutation ($input: AddScoringProfileInput!) { result: addScoringProfile(input: $input) { __typename"
    f" ... on ScoringProfileAdded {{ number questionnaire {{ {OWN} }} }} {PROBLEM} }} }}"
)
DECIDE = (
    "mutation ($input: DecideQuestionnaireInput!) { result: decideQuestionnaire(input: $input) { __typename"
    f" ... on QuestionnaireDecided {{ questionnaire version }} {PROBLEM} }} }}"
)
DRAFTS = f"{{ publisherName questionnaireDrafts {{ {DRAFT} }} }}"
SOURCE = (
    "query ($key: String!) { questionnaireDraftSource(questionnaire: $key) { revision format text profileFormat"
    " profileText } }"
)
CHANGES = (
    "{ questionnaireDrafts { questionnaire change { oldVersion newVersion leastStep leastVersion changes { code } } } }"
)
OWNED = f"{{ ownQuestionnaires {{ {OWN} }} }}"
WAITING = (
    "{ questionnaireApprovals { questionnaire version contentHash readHash title organizationName"
    " sections { key questions { key title } } texts { path text }"
    " translations { locale texts { path source version text by } } } }"
)
PROGRESS = "total translated human machine stale missing share"
TRANSLATION = f"locale direction sourceLocale version state reason progress {{ {PROGRESS} }}"
HAND_IN = (
    "mutation ($input: HandInTranslationInput!) { result: handInTranslation(input: $input) { __typename"
    " ... on TranslationHandedIn { taken findings { path line message }"
    f" translation {{ {TRANSLATION} }} }} {PROBLEM} }} }}"
)
REMOVE = (
    "mutation ($input: RemoveTranslationInput!) { result: removeTranslation(input: $input) { __typename"
    f" ... on TranslationRemoved {{ questionnaire locale state }} {PROBLEM} }} }}"
)
TRANSLATED = (
    "query ($key: String!, $version: String!, $locale: Locale!, $first: Int, $after: String, $tier: QuestionnaireTier,"
    " $everything: Boolean, $part: Int) { ownTranslation(questionnaire: $key, version: $version, locale: $locale) {"
    f" {TRANSLATION} untranslated(first: $first, after: $after, tier: $tier) {{ edges {{ node {{ path text source"
    " former } } pageInfo { hasNextPage endCursor } }"
    " template(tier: $tier, everything: $everything, part: $part) { text part parts } } }"
)
WAITING_TRANSLATIONS = (
    "{ translationApprovals { questionnaire version locale contentHash organizationName"
    " texts { path source version text by } } }"
)
DECIDE_TRANSLATION = (
    "mutation ($input: DecideTranslationInput!) { result: decideTranslation(input: $input) { __typename"
    f" ... on TranslationDecided {{ questionnaire locale }} {PROBLEM} }} }}"
)
SEEN = (
    "query ($key: String!) { questionnaireVersion(questionnaire: $key) { version title publisher visibility state"
    " deprecatedOn retiredOn contentHash documentPath } }"
)
TRY = (
    "query ($input: TryQuestionnaireInput!) { questionnaireTrial(input: $input) { findings { part severity message }"
    " outcome { places { question rowId isAsked } refused { question code } problems { question code } asked answered"
    " missingCount minutesLeft total band bandReason coverage pillars { key score } lines { question points }"
    " advice inconsistencies { check } } } }"
)


def write_questionnaire(publisher: str, name: str = "code", version: str = "1.0.0", text: str = "") -> str:
    """The sample as a publisher's own."""
    own = text or sample.QUESTIONNAIRE
    return (
        own.replace("key: sample\n", f"key: {publisher}--{name}\n")
        .replace("publisher: portal", f"publisher: {publisher}")
        .replace("version: 1.0.0", f"version: {version}")
        .replace("workforce.headcount", f"by_{publisher.replace('-', '_')}.headcount")
    )


def write_profile(publisher: str, name: str = "code", version: str = "1.0.0", number: int = 1) -> str:
    return (
        sample.PROFILE.replace("questionnaire: sample", f"questionnaire: {publisher}--{name}")
        .replace("version: 1.0.0", f"version: {version}")
        .replace("number: 1", f"number: {number}")
    )


async def claim(house: Portal, caller: Caller) -> str:
    """A publisher's name that nobody else has."""
    name = f"p{caller.organization.hex[-12:]}"
    made = await do(house, CLAIM, caller, name=name)
    assert made["__typename"] == "PublisherNameClaimed", made
    return name


async def draft(house: Portal, caller: Caller, text: str, profile: str | None = None, base: int = 0) -> dict[str, Any]:
    """The result of importing YAML."""
    given: dict[str, Any] = {"format": "YAML", "text": text, "baseRevision": base}
    if profile is not None:
        given |= {"profileFormat": "YAML", "profileText": profile}
    return await do(house, IMPORT, caller, **given)


async def publish(house: Portal, caller: Caller, publisher: str, name: str = "code", version: str = "1.0.0") -> str:
    """Import and publish the sample under a name; its key."""
    made = await draft(
        house, caller, write_questionnaire(publisher, name, version), write_profile(publisher, name, version)
    )
    assert made["__typename"] == "QuestionnaireImported", made
    key: str = made["draft"]["questionnaire"]
    done = await do(house, PUBLISH, caller, questionnaire=key, revision=made["draft"]["revision"])
    assert done["__typename"] == "QuestionnairePublished", done
    return key


async def see(house: Portal, key: str, caller: Caller | None = None) -> dict[str, Any] | None:
    """The current version of a questionnaire as a caller sees it."""
    answer = await house.ask(SEEN, caller.token if caller else None, key=key)
    found: dict[str, Any] | None = answer["data"]["questionnaireVersion"]
    return found


async def decide(house: Portal, caller: Caller, *, questionnaire: str, version: str, **given: Any) -> dict[str, Any]:
    """The decision on a version as it waits now, or on one that does not wait."""
    waiting = (await house.ask(WAITING, caller.token)).get("data") or {"questionnaireApprovals": []}
    hashes = {(one["questionnaire"], one["version"]): one["readHash"] for one in waiting["questionnaireApprovals"]}
    named = {"questionnaire": questionnaire, "version": version}
    return await do(house, DECIDE, caller, **named, readHash=hashes.get((questionnaire, version), "none"), **given)
