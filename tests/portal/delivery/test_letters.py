"""The texts of letters: each in every language, filled in safely, and the operator's own over those that ship."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from portal import errors
from portal.__main__ import app
from portal.delivery import letter_texts
from portal.delivery.letters import Draft, Phrase, write_letter

LOCALES = {"ar", "en", "es", "fr", "vi", "zh-Hans"}
# Of the account, of who may act as what, and between colleagues; and what a buyer or a rule of one's own has asked for.
NEVER_STOPPED = {
    *("account_changed", "account_exists", "confirmation", "email_change.new", "email_change.old", "password_reset"),
    *("invitation.member", "invitation.supplier", "invitation_reminder", "webhook_disabled"),
    *("role_applied", "role_approved", "role_refused", "section_assigned", "sign_off_demanded"),
    *("questionnaire_approved", "questionnaire_asked", "questionnaire_refused", "profile_published"),
    *("translation_approved", "translation_asked", "translation_refused"),
    *("access_granted", "access_refused", "standing_rule_used"),
    *("account_erased", "organization_closed", "glass_opened", "glass_ended"),
}
PARTS = {"name": "Linh", "link": "https://portal.example/#password-reset=secret"}


def write(folder: Path, name: str, content: str) -> Path:
    (folder / name).write_text(content, encoding="utf-8")
    return folder


def refuse(folder: Path) -> str:
    with pytest.raises(errors.SetupError) as refused:
        letter_texts.read_texts(folder)
    return str(refused.value)


def test_every_letter_ships_in_every_language_and_takes_the_same_in_each() -> None:
    texts = letter_texts.read_packaged()
    for kind, known in texts.letters.items():
        assert known.keys() == LOCALES, kind
        names = {locale: letter_texts.list_placeholders(text) for locale, text in known.items()}
        assert all(one == names["en"] for one in names.values()), (kind, names)
        assert {locale for locale, text in known.items() if text.written_by == "machine"} == LOCALES - {"en"}
    assert all(texts.phrases[locale].keys() == texts.phrases["en"].keys() for locale in LOCALES)


def test_every_letter_has_its_link_its_answers_and_the_way_to_stop_it() -> None:
    """Held against lists here, so that a text that loses one of them is seen, and so is a new letter without one."""
    english = {kind: known["en"] for kind, known in letter_texts.read_packaged().letters.items()}
    without = {
        name: {kind for kind, text in english.items() if f"{{{name}}}" not in text.body} for name in letter_texts.NEEDED
    }
    # Operators use commands, and whose account is erased has nothing to open.
    operators = {"role_applied", "questionnaire_asked", "translation_asked", "profile_published"}
    assert without["link"] == {"account_erased", *operators}
    asked = {"request", "request_renewed", "request_reminded", "request_extended"}
    assert all(english.keys() - without[name] == asked for name in ("declined", "not_us", "wrong_contact"))
    assert without["stop"] == NEVER_STOPPED


def test_a_text_of_ones_own_keeps_what_its_letter_needs(tmp_path: Path) -> None:
    english = {kind: known["en"] for kind, known in letter_texts.read_packaged().letters.items()}
    write(tmp_path, "es.yaml", "".join(f"{kind}:\n  body: Nada\n" for kind in english))
    said = refuse(tmp_path)
    for kind, text in english.items():
        for name in letter_texts.NEEDED:
            is_needed = name in letter_texts.list_placeholders(text)
            assert (f"{kind}, body: {{{name}}} is missing" in said) == is_needed, (kind, name)


def test_a_letter_that_can_be_stopped_and_does_not_say_how_is_none() -> None:
    draft = Draft("password_reset", "a@example.com", (), PARTS)
    with pytest.raises(KeyError, match="password_reset needs stop"):
        write_letter(draft, letter_texts.read_packaged(), stop_link="https://portal.example/letters/stop")


@pytest.mark.parametrize(
    ("wanted", "got"),
    [
        (("es-MX", "fr"), "es"),
        ((None, "fr-CA"), "fr"),
        (("de", "vi"), "vi"),
        (("zh-CN",), "zh-Hans"),
        (("zh-TW",), "en"),
        ((None, None), "en"),
    ],
)
def test_the_first_language_that_a_letter_has_is_spoken(wanted: tuple[str | None, ...], got: str) -> None:
    letter = write_letter(Draft("password_reset", "a@example.com", wanted, PARTS), letter_texts.read_packaged())
    assert letter.locale == got


def test_what_people_typed_is_no_placeholder_and_no_line_of_a_header() -> None:
    parts = {"organization": "Evil {link}\r\nBcc: all@example.com", "role": Phrase("buyer"), "link": "https://x/#1"}
    letter = write_letter(Draft("role_approved", "a@example.com", ("fr",), parts), letter_texts.read_packaged())
    assert letter.subject == "Evil {link} Bcc: all@example.com peut désormais agir comme acheteur"
    assert letter.body.count("https://x/#1") == 1


def test_in_arabic_names_keep_their_direction_and_links_and_commands_are_copied_as_they_are() -> None:
    parts = {"name": "Linh", "organization": "Hanoi (Ltd)", "id": "123", "role": Phrase("buyer"), "role_key": "buyer"}
    draft = Draft("role_applied", "a@example.com", ("ar",), {**parts, "country": "Egypt", "terms": "2026-01"})
    letter = write_letter(draft, letter_texts.read_packaged())
    assert "\u2068Hanoi (Ltd)\u2069" in letter.subject
    assert "مشترٍ" in letter.subject
    assert "\nportal operator approve 123 buyer\n" in letter.body


def test_a_part_that_is_missing_is_no_letter() -> None:
    with pytest.raises(KeyError, match="password_reset needs name"):
        write_letter(Draft("password_reset", "a@example.com", (), {"link": "x"}), letter_texts.read_packaged())


def test_ones_own_texts_stand_over_those_that_ship(tmp_path: Path) -> None:
    write(tmp_path, "es.yaml", "password_reset:\n  subject: 'Clave para {name}'\n")
    write(tmp_path, "de.yaml", "password_reset:\n  subject: Neues Passwort\n  body: |\n    {name}: {link}\n")
    texts = letter_texts.read_texts(tmp_path)
    spanish = write_letter(Draft("password_reset", "a@example.com", ("es",), PARTS), texts)
    assert spanish.subject == "Clave para Linh"
    assert "contraseña" in spanish.body
    german = write_letter(Draft("password_reset", "a@example.com", ("de-AT",), PARTS), texts)
    assert (german.locale, german.body) == ("de", f"Linh: {PARTS['link']}\n")
    other = write_letter(Draft("confirmation", "a@example.com", ("de", "fr"), PARTS), texts)
    assert other.locale == "fr"
    packaged = write_letter(Draft("password_reset", "a@example.com", ("es",), PARTS), letter_texts.read_packaged())
    assert packaged.subject != spanish.subject


def test_every_fault_is_named_with_its_file_and_line(tmp_path: Path) -> None:
    write(tmp_path, "german.yaml", "{}")
    write(tmp_path, "fr.yml", "{}")
    write(
        tmp_path,
        "es.yaml",
        "written_by: nobody\n"
        'phrases:\n  "king": rey\n'
        "password_reset:\n  subject: 'Hola {nombre}'\n  body: 'Sin enlace, {name}'\n"
        "invoice:\n  subject: Factura\n  body: x\n"
        "request:\n  text: x\n"
        "confirmation:\n  subject: 7\n"
        "account_exists:\n  subject: 'Hola { name }'\n"
        "role_refused: no\n",
    )
    write(tmp_path, "de.yaml", "password_reset:\n  subject: Neues Passwort\n")
    write(tmp_path, "vi.yaml", "password_reset: [\n")
    said = refuse(tmp_path)
    for words in (
        "german.yaml: letters: the file is named after no language",
        "fr.yml: letters: the file is named after no language",
        "es.yaml:1: letters: written_by: this is no author",
        "es.yaml:3: letters: phrases, king: there is no such phrase",
        "es.yaml:5: letters: password_reset, subject: {nombre} is none of its placeholders; allowed: {link}, {name}",
        "es.yaml:6: letters: password_reset, body: {link} is missing",
        "es.yaml:8: letters: invoice: there is no such letter",
        "es.yaml:11: letters: request, text: a letter has no such part; allowed: subject, body",
        "es.yaml:13: letters: confirmation, subject: this is no text",
        "es.yaml:15: letters: account_exists, subject: a brace stands alone",
        "es.yaml:16: letters: role_refused: this is no letter",
        "de.yaml:2: letters: password_reset: it lacks body",
        "vi.yaml",
    ):
        assert words in said, said


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    assert f"{tmp_path / 'gone'} cannot be read" in refuse(tmp_path / "gone")


def test_the_commands_check_and_show_letters(tmp_path: Path) -> None:
    runner = CliRunner()
    shown = runner.invoke(app, ["letters", "preview", "request", "--locale", "vi"])
    assert shown.exit_code == 0
    assert shown.output.startswith("Content-Language: vi\nSubject: Nordic Outfitters đề nghị bạn tự đánh giá\n\n")
    assert "2027-01-31" in shown.output
    listed = runner.invoke(app, ["letters", "list"])
    assert "password_reset  ar* en es* fr* vi* zh-Hans*  {link} {name}\n" in listed.output
    write(tmp_path, "es.yaml", "password_reset:\n  subject: '{foo}'\n")
    refused = runner.invoke(app, ["letters", "check", "--folder", str(tmp_path)])
    assert isinstance(refused.exception, errors.SetupError)
    assert "{foo} is none of its placeholders" in str(refused.exception)
    served = runner.invoke(app, ["worker"], env={"PORTAL_LETTERS_FOLDER": str(tmp_path)})
    assert isinstance(served.exception, errors.SetupError)
    assert "{foo}" in str(served.exception)
