"""A draft that is sent as XLSForm: what ODK and Kobo call a form, read as far as it maps to a questionnaire."""

import base64

from portal.assessments.publishing import OWNER_MARK
from portal.authoring import house_rules
from questionnaires import reading, xlsform_reading
from questionnaires.definition import Definition
from questionnaires.faults import FaultList, Place
from questionnaires.xlsform_reading import XlsForm
from questionnaires.xlsx_cells import WorkbookRefused

LONGEST_KEY = 64


def inspect_form(text: str, publisher: str) -> tuple[Definition, FaultList]:
    """What could be read from a form in Base64, with every row that does not map and what the format still asks for."""
    faults = FaultList("text")
    form = _read_form(text, publisher, faults)
    if form is None:
        return reading.inspect_questionnaire_document(None, faults)
    _name_form(form, publisher)
    faults = FaultList("text", lines=form.rows, faults=list(form.faults))
    return reading.inspect_questionnaire_document(form.document, faults, most_questions=house_rules.MOST_QUESTIONS)


def _read_form(text: str, publisher: str, faults: FaultList) -> XlsForm | None:
    try:
        data = base64.b64decode("".join(text.split()), validate=True)
    except ValueError:
        faults.add(Place(), "this is not Base64; allowed: the bytes of an Excel workbook (.xlsx) in Base64")
        return None
    try:
        return xlsform_reading.read_xlsform(data, publisher=publisher)
    except WorkbookRefused as refused:
        faults.add(Place(), refused.message)
        return None


def _name_form(form: XlsForm, publisher: str) -> None:
    """A form from elsewhere knows nothing of publishers: its name becomes one of this publisher's."""
    header = form.document["questionnaire"]
    if OWNER_MARK not in header["key"]:
        header["key"] = f"{house_rules.name_prefix(publisher)}{header['key']}"[:LONGEST_KEY].rstrip("-")
