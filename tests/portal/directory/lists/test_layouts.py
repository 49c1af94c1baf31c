"""Lists with more in them than one table: footers, rules, headers in two rows, wrapped lines, old encodings."""

import pytest

from tests.portal.directory.lists.made import Case, check

CASES = {
    "logo rows header5": Case(
        """\
ACME Retail Group,,,
Supplier Master - FY2025,,,
Printed: 01.02.2025 by J. Smith,,,
,,,
Supplier,Country,City,E-mail
Lotus Garments Ltd,Bangladesh,Dhaka,a@l.example
Saigon Footwear JSC,Vietnam,HCMC,b@l.example
,,,
Note: data as of January,,,
Total suppliers: 2,,,
""",
        first=[{"name": "Lotus Garments Ltd", "country": "BD"}],
        good=2,
    ),
    "footer variants": Case(
        """\
Supplier,Country,Spend
Lotus Garments Ltd,Bangladesh,100
Saigon Footwear JSC,Vietnam,200
Grand Total,,300
* suppliers with a star are under review,,
End of report,,
Page 1 of 1,,
Source: SAP export 2025-01-01,,
""",
        first=[{"name": "Lotus Garments Ltd", "country": "BD"}],
        good=2,
    ),
    "two header rows": Case(
        """\
Supplier information,,Location,,Contact,
Name,Number,Country,City,Name,E-mail
Lotus Garments Ltd,V1,Bangladesh,Dhaka,Rina Akter,a@l.example
Saigon Footwear JSC,V2,Vietnam,HCMC,Minh Tran,b@l.example
""",
        first=[
            {
                "name": "Lotus Garments Ltd",
                "vendor_number": "V1",
                "contact_name": "Rina Akter",
                "contact_email": "a@l.example",
                "address": "Dhaka",
                "country": "BD",
            }
        ],
        good=2,
    ),
    "bilingual second row": Case(
        """\
Supplier Name,Country,Address,Email
供应商名称,国家,地址,邮箱
Lotus Garments Ltd,BD,12 Mirpur Rd,a@l.example
Saigon Footwear JSC,VN,5 Le Loi,b@l.example
""",
        first=[{"name": "Lotus Garments Ltd", "country": "BD"}],
        good=2,
    ),
    "two tables": Case(
        """\
Tier 1,,
Supplier,Country,City
Lotus Ltd,BD,Dhaka
,,
Tier 2,,
Mill,Country,City
Padma Mills,BD,Gazipur
""",
        first=[{"name": "Lotus Ltd", "country": "BD"}],
        good=2,
    ),
    "repeat header pages": Case(
        """\
Supplier,Country
Lotus Ltd,BD
Supplier,Country
Saigon JSC,VN
SUPPLIER,COUNTRY
X Ltd,CN
""",
        first=[{"name": "Lotus Ltd", "country": "BD"}],
        good=3,
    ),
    "inactive rows": Case(
        """\
Supplier,Country,Status
Lotus Ltd,BD,Active
Old Ltd,VN,BLOCKED - do not use
""",
        first=[{"name": "Lotus Ltd", "country": "BD"}],
        good=2,
    ),
    "group rows by country": Case(
        """\
Supplier,Address,Country
BANGLADESH,,
Lotus Garments Ltd,"12 Mirpur Rd, Dhaka",Bangladesh
VIETNAM,,
Saigon Footwear JSC,"5 Le Loi, HCMC",Vietnam
""",
        first=[{"name": "Lotus Garments Ltd", "country": "BD"}],
        good=2,
        bad=[2, 4],
    ),
    "country carried down": Case(
        """\
Country,Supplier,City
Bangladesh,Lotus Garments Ltd,Dhaka
,Padma Knits Ltd,Gazipur
,Jamuna Denim Ltd,Savar
Vietnam,Saigon Footwear JSC,HCMC
,Hanoi Bags JSC,Hanoi
""",
        first=[{"name": "Lotus Garments Ltd", "country": "BD"}, {"name": "Saigon Footwear JSC", "country": "VN"}],
        good=2,
        bad=[3, 4, 6],
    ),
    "nul padded end": Case(
        "Supplier,Country\nLotus Ltd,Bangladesh\n" + "\0" * 200,
        first=[{"name": "Lotus Ltd", "country": "BD"}],
        good=1,
    ),
    "ctrl z end": Case(
        "Supplier,Country\nLotus Ltd,Bangladesh\n\x1a",
        first=[{"name": "Lotus Ltd", "country": "BD"}],
        good=1,
    ),
    "whole line quoted": Case(
        """\
"Supplier,Country,City"
"Lotus Ltd,Bangladesh,Dhaka"
"Saigon JSC,Vietnam,HCMC"
""",
        first=[{"name": "Lotus Ltd", "country": "BD"}],
        good=2,
    ),
    "single quotes": Case(
        """\
'Supplier','Country','City'
'Lotus Ltd','Bangladesh','Dhaka'
'Saigon JSC','Vietnam','HCMC'
""",
        first=[{"name": "Lotus Ltd", "country": "BD"}],
        good=2,
    ),
    "unquoted comma in name": Case(
        """\
Supplier,Country,City
Lotus Garments Co., Ltd.,Bangladesh,Dhaka
Saigon JSC,Vietnam,HCMC
""",
        first=[{"name": "Saigon JSC", "country": "VN"}],
        good=1,
        bad=[2],
    ),
    "cp850 dos": Case(
        """\
Lieferant;Land
Nähwerk Größe GmbH;Österreich
Müller & Söhne;Deutschland
""",
        encoding="cp850",
        first=[{"name": "Nähwerk Größe GmbH", "country": "AT"}],
        good=2,
    ),
    "mac roman": Case(
        """\
Fournisseur;Pays
Café Été SARL;France
Noël & Fils;Algérie
""",
        encoding="mac_roman",
        first=[{"name": "Café Été SARL", "country": "FR"}],
        good=2,
    ),
    "cp1252 short": Case(
        """\
Fournisseur;Pays
Café Noël;France
""",
        encoding="cp1252",
        first=[{"name": "Café Noël", "country": "FR"}],
        good=1,
    ),
    "json file": Case(
        '[{"name":"Lotus Ltd","country":"BD"},{"name":"S","country":"VN"}]',
        refused="NOT_A_LIST",
    ),
    "double pipe tilde": Case(
        """\
Supplier~Country~City
Lotus Ltd~Bangladesh~Dhaka
Saigon JSC~Vietnam~HCMC
""",
        refused="NO_COUNTRY_COLUMN",
    ),
    "footer long note": Case(
        """\
Supplier,Country,City
Lotus Ltd,BD,Dhaka
"This list is updated twice a year. Last update: January 2025.",,
""",
        first=[],
        good=1,
        bad=[3],
    ),
    "country in name of state": Case(
        """\
Supplier,City/State/Country
Lotus Garments Ltd,Dhaka / Bangladesh
Saigon Footwear JSC,HCMC / Vietnam
""",
        first=[{"name": "Lotus Garments Ltd", "country": "BD"}],
        good=2,
    ),
    "city country one": Case(
        """\
Supplier,City & Country
Lotus Ltd,"Dhaka, Bangladesh"
Saigon JSC,"HCMC, Vietnam"
""",
        first=[{"name": "Lotus Ltd", "country": "BD"}],
        good=2,
    ),
    "parent child indent": Case(
        """\
Supplier,Country
Lotus Group,Bangladesh
  - Lotus Garments Ltd,Bangladesh
  - Lotus Knits Ltd,Bangladesh
• Padma Ltd,Bangladesh
1. Jamuna Ltd,Bangladesh
""",
        first=[
            {"name": "Lotus Group", "country": "BD"},
            {"name": "Lotus Garments Ltd", "country": "BD"},
            {"name": "Lotus Knits Ltd", "country": "BD"},
            {"name": "Padma Ltd", "country": "BD"},
        ],
        good=5,
    ),
    "html entities": Case(
        """\
Supplier,Country
H&amp;M Mills Ltd,India
O&#39;Brien Ltd,Ireland
""",
        first=[{"name": "H&M Mills Ltd", "country": "IN"}, {"name": "O'Brien Ltd", "country": "IE"}],
        good=2,
    ),
    "country numeric iso": Case(
        """\
Vendor,Country
Lotus Garments Ltd,050
Saigon Footwear JSC,704
""",
        first=[{"name": "Lotus Garments Ltd", "country": "BD"}],
        good=2,
    ),
    "zip country prefix": Case(
        """\
Firma;PLZ;Ort;Land
A GmbH;D-70173;Stuttgart;D
B GmbH;A-4020;Linz;A
C AG;CH-8001;Zürich;CH
D Srl;I-39100;Bozen;I
E SAS;F-67000;Strasbourg;F
""",
        first=[],
        good=5,
    ),
    "country with flag codes": Case(
        """\
Supplier,Country
A Ltd,🇨🇳
B Ltd,🇻🇳 Vietnam
C Ltd,Italy 🇮🇹
""",
        first=[],
        good=3,
    ),
    "dup na vendor numbers": Case(
        """\
Supplier,Country,Vendor No
A Ltd,China,NA
B Ltd,China,NA
C Ltd,China,0
D Ltd,China,0
E Ltd,China,not assigned
F Ltd,China,not assigned
G Ltd,China,000000
H Ltd,China,000000
I Ltd,China,TBC
J Ltd,China,TBC
""",
        first=[{"name": "A Ltd", "vendor_number": None, "country": "CN"}],
        good=10,
    ),
    "blank words": Case(
        """\
Supplier,Country,Address,Vendor No,Email,Contact
A Ltd,China,n/a,N/A,-,TBD
B Ltd,China,NA,NA,NA,NA
C Ltd,China,none,not available,no email,-
D Ltd,China,TBC,TBC,pending,x
E Ltd,China,0,0,0,0
F Ltd,China,.,--,_,...
""",
        first=[
            {
                "name": "A Ltd",
                "address": None,
                "vendor_number": None,
                "contact_email": None,
                "contact_name": None,
                "country": "CN",
            },
            {"name": "B Ltd", "address": None, "vendor_number": None, "contact_name": None},
            {"name": "C Ltd", "vendor_number": None},
            {"name": "D Ltd", "vendor_number": None, "address": None},
            {"name": "E Ltd", "vendor_number": None, "address": None, "contact_name": None},
            {"name": "F Ltd", "vendor_number": None},
        ],
        good=6,
    ),
    "contact cell all": Case(
        """\
Supplier,Country,Contact
A Ltd,China,"Rina Akter, rina@x.example, +86 123"
B Ltd,China,"Minh (minh@x.example)"
C Ltd,China,Wang Fang
""",
        first=[
            {"name": "A Ltd", "contact_email": "rina@x.example", "country": "CN"},
            {"name": "B Ltd", "contact_email": "minh@x.example"},
            {"name": "C Ltd", "contact_name": "Wang Fang", "contact_email": None},
        ],
        good=3,
    ),
    "same number different country": Case(
        """\
Vendor No,Supplier,Country
1,Lotus Garments Ltd,Bangladesh
1,Lotus Garments Ltd,India
""",
        first=[],
        good=1,
        bad=[3],
    ),
    "vendor sites rows": Case(
        """\
Vendor No,Supplier,Site,Country
1,Lotus Garments Ltd,HQ,Bangladesh
1,Lotus Garments Ltd,Plant 2,Bangladesh
1,Lotus Garments Ltd,Plant 3,India
""",
        first=[],
        bad=[4],
    ),
    "same name two addresses": Case(
        """\
Supplier,Country,Address
Lotus Garments Ltd,Bangladesh,"12 Mirpur Rd, Dhaka"
Lotus Garments Ltd,Bangladesh,"Plot 5, CEPZ, Chittagong"
""",
        first=[{"name": "Lotus Garments Ltd", "country": "BD"}],
        good=1,
        repeats=1,
        warned=["ADDRESS_DIFFERS"],
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_reads_the_list_as_a_buyer_would(case: Case) -> None:
    check(case)
