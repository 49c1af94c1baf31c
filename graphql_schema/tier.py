"""The tiers that questionnaires are answered at."""

import enum

import strawberry


@strawberry.enum(description="How deep a questionnaire is answered; each tier contains the ones before it.")
class QuestionnaireTier(enum.Enum):
    MICRO = strawberry.enum_value("micro", description="The few questions that matter most.")
    BASIC = strawberry.enum_value("basic", description="What most buyers ask.")
    STANDARD = strawberry.enum_value("standard", description="What an audit looks at.")
    ADVANCED = strawberry.enum_value("advanced", description="What leaders do.")
