"""Keys and tokens of company names in several scripts."""

import pytest

from portal.directory.lists import names


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Birch Mill Co., Ltd.", "BIRCH MILL CO LTD"),
        ("Nähwerk Größe GmbH", "NAHWERK GROSSE GMBH"),
        ("Łódź Żółw", "lodz zolw"),
        ("Ｓａｋｕｒａ　Ｃｏ．，Ｌｔｄ．", "Sakura Co Ltd"),
        ("İpek Iğdır", "ipek igdir"),
        ("ｻｸﾗ工業", "サクラ工業"),
        ("Cafe\u0301 Mill", "Café Mill"),
        ("Birch\u200bMill", "Birch Mill"),
        ("شَرِكَة النيل", "شركة النيل"),
        ("Birch Mill®", "Birch Mill"),
        ("Ñandú S. A. de C.V.", "Ñandu SA de CV"),
        ("Żółw Sp. z o.o.", "Zolw sp.z.o.o"),
        ("【Birch】Mill", "(Birch) Mill"),
    ],
)
def test_names_that_differ_in_dress_alone_have_one_key(one: str, other: str) -> None:
    assert names.make_name_key(one) == names.make_name_key(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Birch & Mill", "Birch Mill"),
        ("Birch (Lodz) Ltd", "Birch (Lodz Ltd)"),
        ("Birch Ltd", "Birch Limited"),
        ("ガラス", "カラス"),
        ("Birch 1", "Birch 2"),
    ],
)
def test_names_that_say_something_else_have_another_key(one: str, other: str) -> None:
    assert names.make_name_key(one) != names.make_name_key(other)


@pytest.mark.parametrize("name", ["", "***", "()", "—", "&", "\u200b"])
def test_a_name_without_letter_or_digit_has_no_key(name: str) -> None:
    assert names.make_name_key(name) == ""


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Birch Mill Co., Ltd.", "Birch Mill Company Limited"),
        ("Birch Mill (Pvt.) Ltd", "Birch Mill Private Limited"),
        ("Nähwerk GmbH & Co. KG", "Naehwerk GmbH".replace("ae", "ä")),
        ("Ñandú S. A. de C.V.", "Ñandú"),
        ("Ñandú S.A. de C.V.", "Ñandu"),
        ("Foo Sdn. Bhd.", "Foo Sendirian Berhad"),
        ("东莞蓝天有限公司", "东莞蓝天股份有限公司"),
        ("株式会社さくら", "さくら(株)"),
        ("(주)한빛", "한빛 주식회사"),
        ("Công ty TNHH Mùa Xuân", "Mua Xuan Co., Ltd"),
        ("PT. Foo Tbk", "PT Foo"),
        ("Żółw Sp. z o.o.", "Zolw spółka z o.o."),
        ("Güneş San. ve Tic. A.Ş.", "Güneş Sanayi ve Ticaret Anonim Şirketi"),
        ("ООО Ромашка", "Ромашка"),
        ("Birch and Mill", "Birch & Mill"),
        ("Birch Mfg. Ltd", "Birch Manufacturing"),
        ("บริษัท ไทย จำกัด", "ไทย"),
    ],
)
def test_names_that_differ_in_legal_form_have_one_variant_key(one: str, other: str) -> None:
    assert names.make_variant_key(one) == names.make_variant_key(other)
    assert names.make_name_key(one) != names.make_name_key(other)


@pytest.mark.parametrize("name", ["Ltd", "Company Limited", "有限公司", "PT", "The & And", "GmbH & Co. KG"])
def test_a_name_that_is_nothing_but_a_legal_form_keeps_a_variant_key(name: str) -> None:
    assert names.make_variant_key(name)


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("Birch Co., Ltd", "Ltd"),
        ("Nähwerk GmbH", "GmbH"),
        ("东莞蓝天有限公司", "有限公司"),
        ("Fern Hill Estates", None),
    ],
)
def test_legal_forms_are_found_in_one_spelling(name: str, form: str | None) -> None:
    assert names.find_legal_form(name) == form


def test_tokens_are_folded_words_and_pairs_of_characters() -> None:
    assert names.make_name_tokens("Nähwerk & Söhne, S.A.") == ("nahwerk", "sohne", "sa")
    assert names.make_name_tokens("蓝天制衣") == ("蓝天", "天制", "制衣", "衣")
    assert names.make_name_tokens("Sakura工業2") == ("sakura", "工業", "業", "2")


@pytest.mark.parametrize("text", ["nah", "Söhne nähw", "天", "天制", "制衣", "衣", "蓝天制"])
def test_each_search_token_begins_a_token_of_the_name(text: str) -> None:
    tokens = names.make_name_tokens("Nähwerk & Söhne 蓝天制衣")
    wanted = names.make_search_tokens(text)
    assert wanted
    assert all(any(token.startswith(one) for token in tokens) for one in wanted)


def test_tokens_are_bounded() -> None:
    tokens = names.make_name_tokens(" ".join(f"{'word' * 30}{number}" for number in range(500)))
    assert len(tokens) <= names.MAXIMUM_TOKENS
    assert max(map(len, tokens)) <= 40
