"""Mappings given by the buyer, and guesses where header and values pull apart."""

from portal.directory.lists import columns, rows, table
from portal.directory.lists.fields import Field


def plan(content: str, **options: object) -> columns.ColumnPlan:
    return columns.plan_columns(table.read_table(content.encode()), **options)  # type: ignore[arg-type]


def name_columns(found: columns.ColumnPlan) -> dict[str, list[str]]:
    return {field: [one.header for one in found.find_columns(field)] for field in Field if found.find_columns(field)}


def test_what_the_buyer_says_goes_before_the_guess() -> None:
    content = "Supplier,Trading as,Country,Made in\nBirch Ltd,Birch,PL,CZ\nElm Ltd,Elm,DE,AT\n"
    assert name_columns(plan(content))["name"] == ["Supplier"]
    found = plan(content, mapping={"name": "trading AS", "country": 4, "address": ["Country"], "local_name": None})
    assert name_columns(found) == {"name": ["Trading as"], "country": ["Made in"], "address": ["Country"]}
    assert found.find_columns(Field.NAME)[0].confidence == 1


def test_an_address_may_have_several_columns_and_keeps_the_order_of_its_parts() -> None:
    content = "City,Street,Name,Zip,Country\nBrno,Mill Road 5,Birch Ltd,60200,CZ\n"
    opened = table.read_table(content.encode())
    (row,) = rows.read_rows(opened, columns.plan_columns(opened))
    assert row.record
    assert row.record.address == "Mill Road 5, 60200, Brno"


def test_a_city_that_ends_the_full_address_is_not_said_twice() -> None:
    content = 'Name,Address,City,Country\nBirch Ltd,"Mill Road 5, Brno",BRNO,CZ\nElm Ltd,Dhaka Road 5,Dhaka,BD\n'
    opened = table.read_table(content.encode())
    addresses = [row.record.address for row in rows.read_rows(opened, columns.plan_columns(opened)) if row.record]
    assert addresses == ["Mill Road 5, Brno", "Dhaka Road 5, Dhaka"]


def test_a_column_called_supplier_that_holds_numbers_is_the_vendor_number() -> None:
    found = plan("Supplier,Supplier name,Country\n1001,Birch Ltd,PL\n1002,Elm Ltd,DE\n")
    assert name_columns(found) == {"vendor_number": ["Supplier"], "name": ["Supplier name"], "country": ["Country"]}


def test_a_location_that_holds_countries_is_the_country() -> None:
    found = plan("Factory,Location\nBirch Ltd,Poland\nElm Ltd,Germany\n")
    assert name_columns(found) == {"name": ["Factory"], "country": ["Location"]}


def test_a_contact_that_holds_addresses_is_the_e_mail() -> None:
    found = plan("Name,Country,Contact\nBirch Ltd,PL,a@birch.example\nElm Ltd,DE,b@elm.example\n")
    assert name_columns(found)["contact_email"] == ["Contact"]


def test_row_numbers_and_telephones_are_left_out_with_the_reason() -> None:
    found = plan("No.,Name,Country,Phone\n1,Birch Ltd,PL,+48 12 345\n2,Elm Ltd,DE,+49 30 123\n")
    assert [(one.header, one.field) for one in found.columns if one.field is None] == [("No.", None), ("Phone", None)]
    assert "not imported" in found.columns[0].reason


def test_the_scheme_of_codes_comes_from_the_header() -> None:
    found = plan("Name,Country,NACE Rev.2.1\nBirch Ltd,PL,14\n")
    assert found.sector_scheme == "NACE Rev.2.1"


def test_a_missing_country_column_is_told_and_one_country_may_stand_for_all() -> None:
    opened = table.read_table(b"Name,City\nBirch Ltd,Brno\nElm Ltd,Praha\n")
    found = columns.plan_columns(opened)
    assert found.missing == (Field.COUNTRY,)
    read = rows.read_rows(opened, found, default_country="Czech Republic")
    assert [row.record.country for row in read if row.record] == ["CZ", "CZ"]


def test_the_buyer_may_name_the_header_line_or_deny_it() -> None:
    content = "Name,Country\nFactory,Nation\nBirch Ltd,PL\n"
    assert plan(content).header_line == 1
    assert plan(content, header_line=2).columns[0].header == "Factory"
    denied = plan(content, header_line=0, mapping={"name": 1, "country": 2})
    assert (denied.header_line, denied.skip, denied.columns[0].header) == (None, 0, "column 1")


def test_examples_are_shown_for_each_column() -> None:
    assert plan("Name,Country\nBirch Ltd,PL\nElm Ltd,DE\n").columns[1].examples == ("PL", "DE")


def find_reason(content: str, header: str) -> str:
    return next(one.reason for one in plan(content).columns if one.header == header)


def test_two_columns_for_one_field_are_told_in_both_reasons() -> None:
    content = "Supplier Name,Factory Name,Country\nLotus Group,Lotus One Ltd,BD\nLotus Group,Lotus Two Ltd,BD\n"
    assert name_columns(plan(content))["name"] == ["Factory Name"]
    assert "column 1 could be the same" in find_reason(content, "Factory Name")
    assert "column 2 is taken for the same" in find_reason(content, "Supplier Name")


def test_values_never_outweigh_a_header_that_names_the_field() -> None:
    found = plan("Supplier,Where,Vendor location country\nLotus Ltd,Singapore,BD\nSaigon JSC,Hong Kong,VN\n")
    assert name_columns(found)["country"] == ["Vendor location country"]


def test_a_column_of_languages_that_are_all_norwegian_is_a_language() -> None:
    found = plan("Name,Country,Language\nBirch AS,NO,no\nElm AS,NO,no\n")
    assert name_columns(found)["contact_locale"] == ["Language"]


def test_parts_of_the_world_are_no_part_of_an_address() -> None:
    content = "Name,City,Region,Country\nBirch Ltd,Brno,EMEA,CZ\nLotus Ltd,Dhaka,South Asia,BD\n"
    assert "address" not in name_columns(plan(content))
    assert "parts of the world" in find_reason(content, "Region")


def test_an_address_that_ends_in_the_country_gives_it_where_no_column_does() -> None:
    content = b'Name,Address\nLotus Ltd,"12 Mirpur Rd, Dhaka, Bangladesh"\nElm Ltd,"5 High St, Leeds, UK"\nAsh,Brno\n'
    opened = table.read_table(content)
    found = columns.plan_columns(opened)
    assert (found.missing, found.country_at_end and found.country_at_end.header) == ((), "Address")
    first, second, third = rows.read_rows(opened, found)
    assert first.record
    assert second.record
    assert (first.record.country, first.record.address) == ("BD", "12 Mirpur Rd, Dhaka, Bangladesh")
    assert ([one.code for one in first.warnings], second.record.country) == (["COUNTRY_PART"], "GB")
    assert (first.record.country_text, first.warnings[0].column) == ("Bangladesh", "Address")
    assert [one.code for one in third.problems] == ["COUNTRY_MISSING"]
    said = rows.read_rows(opened, found, default_country="India")
    assert {row.record.country for row in said if row.record} == {"IN"}


def test_a_city_called_by_is_one_beside_danish_postal_codes_only() -> None:
    assert "city" in name_columns(plan("Navn;Postnr.;By;Land\nElm ApS;8000;Aarhus;DK\nAsh ApS;9000;Aalborg;DK\n"))
    assert "city" not in name_columns(plan("Name;Updated;By;Country\nElm Ltd;May;Eva;DK\nAsh Ltd;June;Jan;DE\n"))


def test_names_in_first_and_last_name_are_joined_in_that_order() -> None:
    opened = table.read_table(b"Company,Last Name,First Name,Country\nLotus Ltd,Akter,Rina,BD\nElm Ltd,,Eva,CZ\n")
    read = rows.read_rows(opened, columns.plan_columns(opened))
    assert [row.record.contact_name for row in read if row.record] == ["Rina Akter", "Eva"]


def test_a_second_name_column_is_the_local_name_in_another_script_only() -> None:
    content = "NAME1;NAME2;LAND1\nBlue Sky Ltd;蓝天制衣;CN\nRed Leaf Ltd;红叶鞋业;CN\n"
    assert name_columns(plan(content)) == {"name": ["NAME1"], "local_name": ["NAME2"], "country": ["LAND1"]}
    empty = "名称;NAME2;LAND1\n蓝天制衣;;CN\n红叶鞋业;;CN\n"
    assert name_columns(plan(empty))["name"][0] == "名称"


def test_a_mapping_may_give_the_name_of_a_contact_two_columns() -> None:
    opened = table.read_table(b"Name,Country,A,B\nLotus Ltd,BD,Rina,Akter\n")
    (row,) = rows.read_rows(opened, columns.plan_columns(opened, mapping={"contact_name": ["A", "B"]}))
    assert row.record
    assert row.record.contact_name == "Rina Akter"


def test_a_factory_that_is_named_here_and_there_does_not_take_the_place_of_the_supplier() -> None:
    content = "Factory Name,Supplier,Country\n,Lotus Ltd,BD\nElm 2,Elm Ltd,CZ\n,Ash Ltd,PL\n,Oak Ltd,PL\n"
    assert name_columns(plan(content))["name"] == ["Supplier"]


def test_a_row_of_values_is_no_header_whatever_words_end_its_cells() -> None:
    found = plan("Padma Mill,Dhaka City,Bangladesh\nJamuna Mill,Savar City,Bangladesh\nLotus Mill,Pune City,India\n")
    assert (found.header_line, name_columns(found)["country"]) == (None, ["column 3"])


def test_suppliers_of_a_list_of_one_column_are_neither_headers_nor_footers() -> None:
    opened = table.read_table(b"Supplier\nNingbo Production Unit\nSource\nSUPPLIER\nNote\n")
    read = list(rows.read_rows(opened, columns.plan_columns(opened), default_country="China"))
    assert [row.record and row.record.name for row in read] == ["Ningbo Production Unit", "Source", None, "Note"]
