"""The forms in which an assessment, a submission and a questionnaire can be fetched as a file."""

import enum

import strawberry


@strawberry.enum(description="A file of the answers of an assessment.")
class AssessmentFile(enum.Enum):
    JSON = strawberry.enum_value("json", description="Everything, with which a score can be recomputed.")
    TEAM = strawberry.enum_value(
        "team.json",
        description="What colleagues did: every write, comments, assignments and sign-offs. For the organization's own"
        " use: what is handed on with JSON holds none of it.",
    )
    WORKBOOK = strawberry.enum_value("xlsx", description="An Excel workbook to fill in and to hand in again.")
    CSV = strawberry.enum_value("csv", description="A table with a line for each answer, to hand in again.")
    FHIR = strawberry.enum_value("fhir.json", description="A QuestionnaireResponse of FHIR R5.")
    PDF = strawberry.enum_value("pdf", description="The answers on paper.")


@strawberry.enum(description="A file of what was submitted.")
class SubmissionFile(enum.Enum):
    JSON = strawberry.enum_value("json", description="Everything, with which the score and the seal can be checked.")
    CSV = strawberry.enum_value("csv", description="A table with a line for each answer.")
    FHIR = strawberry.enum_value("fhir.json", description="A QuestionnaireResponse of FHIR R5.")
    PDF = strawberry.enum_value("pdf", description="Answers and result on paper.")


@strawberry.enum(description="A file of a version of a questionnaire.")
class QuestionnaireFile(enum.Enum):
    JSON = strawberry.enum_value("json", description="The canonical document.")
    XLSFORM = strawberry.enum_value("xlsform.xlsx", description="A form for ODK, Kobo and others that take XLSForm.")
    FHIR = strawberry.enum_value("fhir.json", description="A Questionnaire of FHIR R5.")
    PDF = strawberry.enum_value("pdf", description="A blank form on paper.")
