"""Columns that look like a field and are none: what must not be read from them."""

import pytest

from tests.portal.directory.lists.made import Case, check

CASES = {
    "bank only number": Case(
        """\
Supplier,Country,Bank Account Number
Lotus Garments Ltd,Bangladesh,0012345678
Saigon Footwear JSC,Vietnam,0012345679
""",
        first=[{"name": "Lotus Garments Ltd", "vendor_number": None, "country": "BD"}],
        good=2,
    ),
    "spend column as number": Case(
        """\
Supplier,Country,Annual spend
Lotus Garments Ltd,Bangladesh,120000
Saigon Footwear JSC,Vietnam,220000
Ningbo Knits Co Ltd,China,90000
""",
        first=[{"name": "Lotus Garments Ltd", "vendor_number": None, "country": "BD"}],
        good=3,
    ),
    "workers year columns": Case(
        """\
Factory,Country,Headcount,Year established,Audit score,Capacity/month
Lotus Garments Ltd,Bangladesh,1200,1999,88,250000
Saigon Footwear JSC,Vietnam,3400,2004,91,500000
Ningbo Knits Co Ltd,China,560,2011,79,90000
""",
        first=[{"name": "Lotus Garments Ltd", "vendor_number": None, "external_reference": None, "country": "BD"}],
        good=3,
    ),
    "dates column": Case(
        """\
Supplier,Country,Last audit
Lotus Garments Ltd,Bangladesh,2024-01-05
Saigon Footwear JSC,Vietnam,2024-02-06
Ningbo Knits Co Ltd,China,2024-03-07
""",
        first=[{"name": "Lotus Garments Ltd", "vendor_number": None, "country": "BD"}],
        good=3,
    ),
    "phones unknown header": Case(
        """\
Supplier,Country,Cell
Lotus Garments Ltd,Bangladesh,+880 2 5566 7788
Saigon Footwear JSC,Vietnam,0903123456
Ningbo Knits Co Ltd,China,13800138000
""",
        first=[{"name": "Lotus Garments Ltd", "vendor_number": None, "country": "BD"}],
        good=3,
    ),
    "no column norway": Case(
        """\
Vendor,Active?,Vendor Location Country Code,On hold
Lotus Ltd,Yes,BD,No
Saigon JSC,Yes,VN,No
Ningbo Ltd,Yes,CN,No
""",
        first=[{"name": "Lotus Ltd", "country": "BD"}],
        good=3,
    ),
    "no norway unknown country": Case(
        """\
Vendor,Blocked,Where
Lotus Ltd,No,Bangladesh
Saigon JSC,No,Vietnam
Ningbo Ltd,No,China
""",
        first=[{"name": "Lotus Ltd", "country": "BD"}],
        good=3,
    ),
    "no norway no country": Case(
        """\
Vendor,Blocked
Lotus Ltd,No
Saigon JSC,No
Ningbo Ltd,No
""",
        refused="NO_COUNTRY_COLUMN",
    ),
    "noheader us state usa": Case(
        """\
Acme Inc,Dover,DE,19901,USA
Beta LLC,Gary,IN,46401,USA
Gamma LLC,LA,CA,90001,USA
""",
        first=[{"name": "Acme Inc", "country": "US"}],
        good=3,
    ),
    "salutation": Case(
        """\
Supplier,Title,Contact,Country of Supplier
Lotus Ltd,Ms,Rina Akter,Bangladesh
Saigon JSC,Ms,Minh Tran,Vietnam
""",
        first=[{"name": "Lotus Ltd", "country": "BD"}],
        good=2,
    ),
    "free text as address": Case(
        """\
Supplier,Country,Address,Certificates,Audit result,Telefon 1
Lotus Ltd,Bangladesh,"12 Mirpur Rd, Dhaka","ISO 9001, SA8000, GOTS","2 minor findings, closed",+880 2 5566 7788
Saigon JSC,Vietnam,"5 Le Loi, HCMC","WRAP, BSCI, OEKO-TEX 100","1 major finding, open",+84 28 5566 7788
""",
        first=[{"name": "Lotus Ltd", "address": "12 Mirpur Rd, Dhaka", "country": "BD"}],
        good=2,
    ),
    "certs no address": Case(
        """\
Supplier,Country,Certificates
Lotus Ltd,Bangladesh,"ISO 9001, SA8000, GOTS"
Saigon JSC,Vietnam,"WRAP, BSCI, OEKO-TEX 100"
""",
        first=[{"name": "Lotus Ltd", "address": None, "country": "BD"}],
        good=2,
    ),
    "blocked no language": Case(
        """\
Supplier,Country,Email,Blocked
Lotus Ltd,Bangladesh,a@l.example,No
Saigon JSC,Vietnam,b@l.example,No
Ningbo Ltd,China,c@l.example,No
""",
        first=[{"name": "Lotus Ltd", "contact_locale": None, "country": "BD"}],
        good=3,
    ),
    "billing country vs address": Case(
        """\
Vendor,Billing Address,Billing Country
Lotus Ltd,"12 Mirpur Rd, Dhaka, Bangladesh",Bangladesh
Saigon JSC,"5 Le Loi, HCMC, Vietnam",Vietnam
""",
        first=[{"name": "Lotus Ltd", "address": "12 Mirpur Rd, Dhaka, Bangladesh", "country": "BD"}],
        good=2,
    ),
    "unknown country header vs address": Case(
        """\
Vendor,Address,Where
Lotus Ltd,"12 Mirpur Rd, Dhaka, Bangladesh",Bangladesh
Saigon JSC,"5 Le Loi, HCMC, Vietnam",Vietnam
""",
        first=[{"name": "Lotus Ltd", "address": "12 Mirpur Rd, Dhaka, Bangladesh", "country": "BD"}],
        good=2,
    ),
    "bank country only": Case(
        """\
Vendor,Bank Country,Address
Lotus Ltd,SG,"12 Mirpur Rd, Dhaka"
Saigon JSC,HK,"5 Le Loi, HCMC"
""",
        refused="NO_COUNTRY_COLUMN",
    ),
    "bank country first": Case(
        """\
Vendor,Bank Country,Vendor location country
Lotus Ltd,SG,BD
Saigon JSC,HK,VN
""",
        first=[{"name": "Lotus Ltd", "country": "BD"}],
        good=2,
    ),
    "us state de in": Case(
        """\
Vendor,Address,City,State,Zip
Acme Inc,1 Main,Dover,DE,19901
Beta LLC,2 Main,Gary,IN,46401
Gamma LLC,3 Main,LA,CA,90001
Delta,4 Main,Mobile,AL,36601
""",
        refused="NO_COUNTRY_COLUMN",
    ),
    "us state unknown header": Case(
        """\
Vendor,City,ST
Acme Inc,Dover,DE
Beta LLC,Gary,IN
Gamma LLC,LA,CA
Delta Inc,Mobile,AL
""",
        refused="NO_COUNTRY_COLUMN",
    ),
    "us state and country": Case(
        """\
Vendor,City,State,Country
Acme Inc,Dover,DE,USA
Beta LLC,Gary,IN,USA
""",
        first=[{"name": "Acme Inc", "country": "US"}],
        good=2,
    ),
    "br uf": Case(
        """\
Fornecedor;Cidade;UF
A Ltda;Belém;PA
B Ltda;Manaus;AM
C Ltda;Maceió;AL
D Ltda;Belo Horizonte;MG
E Ltda;Florianópolis;SC
""",
        refused="NO_COUNTRY_COLUMN",
    ),
    "it prov no country": Case(
        """\
Fornitore;Città;Prov
A Srl;Bari;BA
B Srl;Pisa;PI
C Srl;Bergamo;BG
D Srl;Lecce;LE
E Srl;Padova;PD
""",
        refused="NO_COUNTRY_COLUMN",
    ),
    "country code and name mixed": Case(
        """\
Vendor,Country Code,Country Name
Lotus Garments Ltd,880,Bangladesh
Saigon Footwear JSC,84,Vietnam
""",
        first=[{"name": "Lotus Garments Ltd", "country": "BD"}],
        good=2,
    ),
    "numbers only names": Case(
        """\
Supplier,Country
100010,BD
100011,VN
""",
        refused="NO_NAME_COLUMN",
    ),
    "country col named region": Case(
        """\
Supplier,Region
A Ltd,China
B Ltd,Vietnam
C Ltd,India
""",
        first=[{"name": "A Ltd", "country": "CN"}],
        good=3,
    ),
    "country in last address line": Case(
        """\
Supplier,Address 1,Address 2,Address 3
Lotus Garments Ltd,12 Mirpur Rd,Dhaka,Bangladesh
Saigon Footwear JSC,5 Le Loi,HCMC,Vietnam
Ningbo Knits Co Ltd,8 Long Rd,Ningbo,China
""",
        first=[{"name": "Lotus Garments Ltd", "country": "BD"}],
        good=3,
    ),
    "location city country": Case(
        """\
Supplier,Location
A Ltd,"Ningbo, China"
B Ltd,"HCMC, Vietnam"
C Ltd,"Tiruppur, India"
""",
        first=[{"name": "A Ltd", "country": "CN"}],
        good=3,
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_reads_the_list_as_a_buyer_would(case: Case) -> None:
    check(case)
