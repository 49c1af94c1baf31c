"""Lists as ERP and purchasing systems write them: every column where a buyer expects it."""

import pytest

from tests.portal.directory.lists.made import Case, check

CASES = {
    "sap lfa1 tech": Case(
        """\
LIFNR	LAND1	NAME1	NAME2	ORT01	PSTLZ	REGIO	STRAS	\
SPRAS	STCEG	TELF1	SMTP_ADDR	KTOKK	LOEVM
0000100001	DE	Naehtechnik Sued GmbH		Stuttgart	70173	08	\
Hauptstr. 12	DE	DE123456789	+49 711 12345	info@naehtechnik.example	KRED\t
0000100002	CN	NINGBO SHENZHOU KNITTING	IMP & EXP CO LTD	NINGBO	\
315800	130	18 YONGJIANG RD	EN		+86 574 8698	\
sales@shenzhou.example	KRED\t
0000100003	TR	Ege Tekstil San. ve Tic. A.S.		IZMIR	35000	\
35	Ataturk Cad. 5	TR				KRED	X
""",
        first=[
            {
                "name": "Naehtechnik Sued GmbH",
                "vendor_number": "0000100001",
                "contact_email": "info@naehtechnik.example",
                "contact_locale": "de",
                "country": "DE",
            },
            {"local_name": None, "country": "CN"},
        ],
        good=3,
    ),
    "sap lfa1 csv semi": Case(
        """\
LIFNR;NAME1;NAME2;STRAS;PSTLZ;ORT01;LAND1
100001;Weberei Huber KG;;Gasse 1;4020;Linz;AT
100002;Spinnerei Maier AG;Werk Sued;Weg 2;8001;Zürich;CH
""",
        first=[
            {"name": "Weberei Huber KG", "vendor_number": "100001", "address": "Gasse 1, 4020, Linz", "country": "AT"}
        ],
        good=2,
    ),
    "sap kna1 utf16": Case(
        """\
KUNNR	NAME1	LAND1	ORT01	STRAS
0000200001	Acme Looms Ltd	IN	Tiruppur	5 Mill Rd
0000200002	Beta Looms Ltd	BD	Dhaka	7 Mill Rd
""",
        encoding="utf-16",
        first=[
            {"name": "Acme Looms Ltd", "vendor_number": "0000200001", "address": "5 Mill Rd, Tiruppur", "country": "IN"}
        ],
        good=2,
    ),
    "sap gui dashes": Case(
        """\
Vendors (Purchasing)
-----------------------------------------------------------------
|Vendor    |Name 1                     |City      |Ctr|Street        |PostalCode|
-----------------------------------------------------------------
|100010    |Lotus Garments Ltd         |Dhaka     |BD |12 Mirpur Rd  |1216      |
|100011    |Saigon Footwear JSC        |HCMC      |VN |5 Le Loi      |700000    |
|100012    |Jaipur Rugs Pvt Ltd        |Jaipur    |IN |MI Road 4     |302001    |
-----------------------------------------------------------------
""",
        first=[
            {
                "name": "Lotus Garments Ltd",
                "vendor_number": "100010",
                "address": "12 Mirpur Rd, 1216, Dhaka",
                "country": "BD",
            }
        ],
        good=3,
    ),
    "s4 business partner": Case(
        """\
Business Partner,Supplier,Name of Supplier,Country/Region Key,City,Postal Code,Street,E-Mail Address,\
Account Group,Created On
1000001,1000001,Dhaka Denim Ltd,BD,Dhaka,1216,12 Mirpur Rd,a@dd.example,SUPL,2021-03-04
1000002,1000002,Saigon Shoes JSC,VN,HCMC,700000,5 Le Loi,b@ss.example,SUPL,2021-03-05
""",
        first=[
            {
                "name": "Dhaka Denim Ltd",
                "vendor_number": "1000001",
                "contact_email": "a@dd.example",
                "external_reference": None,
                "country": "BD",
            }
        ],
        good=2,
    ),
    "oracle fusion": Case(
        """\
Supplier Name*,Supplier Number,Alternate Name,Tax Organization Type,Supplier Type,Business Relationship,\
Tax Country,D-U-N-S Number
Lotus Garments Ltd,30001,Lotus,CORPORATION,Manufacturer,SPEND_AUTHORIZED,Bangladesh,123456789
Saigon Footwear JSC,30002,SFJ,CORPORATION,Manufacturer,PROSPECTIVE,Vietnam,987654321
""",
        first=[
            {"name": "Lotus Garments Ltd", "vendor_number": "30001", "external_reference": "123456789", "country": "BD"}
        ],
        good=2,
    ),
    "coupa": Case(
        """\
ID,Name,Display Name,Supplier Number,Status,Primary Contact First Name,Primary Contact Last Name,\
Primary Contact Email,Street 1,Street 2,City,State,Postal Code,Country Code,Country Name
11,Lotus Garments Ltd,Lotus Garments,V-001,active,Rina,Akter,rina@lotus.example,12 Mirpur Rd,,Dhaka,,1216,\
BD,Bangladesh
12,Saigon Footwear JSC,Saigon Footwear,V-002,active,Minh,Tran,minh@sf.example,5 Le Loi,Dist 1,HCMC,,700000,\
VN,Vietnam
""",
        first=[
            {
                "name": "Lotus Garments Ltd",
                "vendor_number": "V-001",
                "contact_email": "rina@lotus.example",
                "contact_name": "Rina Akter",
                "address": "12 Mirpur Rd, 1216, Dhaka",
                "country": "BD",
            }
        ],
        good=2,
    ),
    "ariba": Case(
        """\
SM Vendor ID,ERP Vendor ID,Supplier Name,Address - Line 1,Address - City,Address - Postal Code,\
Address - Country/Region,Main Contact E-mail
S100,0000400001,Lotus Garments Ltd,12 Mirpur Rd,Dhaka,1216,Bangladesh,rina@lotus.example
S101,0000400002,Saigon Footwear JSC,5 Le Loi,HCMC,700000,Viet Nam,minh@sf.example
""",
        first=[
            {
                "name": "Lotus Garments Ltd",
                "vendor_number": "0000400001",
                "contact_email": "rina@lotus.example",
                "address": "12 Mirpur Rd, 1216, Dhaka",
                "country": "BD",
            }
        ],
        good=2,
    ),
    "d365 entity": Case(
        """\
VENDORACCOUNTNUMBER,VENDORORGANIZATIONNAME,VENDORSEARCHNAME,VENDORGROUPID,ADDRESSSTREET,ADDRESSCITY,\
ADDRESSZIPCODE,ADDRESSCOUNTRYREGIONID,PRIMARYEMAILADDRESS
V00010,Lotus Garments Ltd,LOTUS,20,12 Mirpur Rd,Dhaka,1216,BGD,rina@lotus.example
V00011,Saigon Footwear JSC,SAIGON,20,5 Le Loi,HCMC,700000,VNM,minh@sf.example
""",
        first=[
            {
                "name": "Lotus Garments Ltd",
                "vendor_number": "V00010",
                "contact_email": "rina@lotus.example",
                "address": "12 Mirpur Rd, 1216, Dhaka",
                "country": "BD",
            }
        ],
        good=2,
    ),
    "business central": Case(
        """\
No.,Name,Responsibility Center,Location Code,Phone No.,Contact,Search Name,Balance (LCY),Address,City,\
Post Code,Country/Region Code,E-Mail
V0010,Lotus Garments Ltd,,MAIN,+880 2 12345,Rina Akter,LOTUS,"1,200.00",12 Mirpur Rd,Dhaka,1216,BD,\
rina@lotus.example
V0011,Saigon Footwear JSC,,MAIN,+84 28 12345,Minh Tran,SAIGON,0.00,5 Le Loi,HCMC,700000,VN,minh@sf.example
""",
        first=[
            {
                "name": "Lotus Garments Ltd",
                "vendor_number": "V0010",
                "contact_name": "Rina Akter",
                "address": "12 Mirpur Rd, 1216, Dhaka",
                "country": "BD",
            }
        ],
        good=2,
    ),
    "netsuite": Case(
        """\
Internal ID,ID,Name,Duplicate,Category,Primary Contact,Phone,Email,Billing Address 1,Billing City,\
Billing Zip,Billing Country,Inactive
455,V455,Lotus Garments Ltd,No,Garments,Rina Akter,+880 2 1,rina@lotus.example,12 Mirpur Rd,Dhaka,1216,\
Bangladesh,No
456,V456,Saigon Footwear JSC,No,Footwear,Minh Tran,+84 28 1,minh@sf.example,5 Le Loi,HCMC,700000,Vietnam,No
""",
        first=[{"name": "Lotus Garments Ltd", "contact_email": "rina@lotus.example", "country": "BD"}],
        good=2,
    ),
    "quickbooks desktop nocountry": Case(
        """\
Active Status,Vendor,Balance,Company,Mr./Ms./...,First Name,M.I.,Last Name,Main Phone,Main Email,\
Bill from 1,Bill from 2,Bill from 3
Active,Lotus Garments,0.00,Lotus Garments Ltd,Ms.,Rina,,Akter,880-2-1,rina@lotus.example,12 Mirpur Rd,\
Dhaka 1216,Bangladesh
Active,Saigon Footwear,0.00,Saigon Footwear JSC,Mr.,Minh,,Tran,84-28-1,minh@sf.example,5 Le Loi,HCMC,Vietnam
""",
        first=[{"country": "BD"}],
        good=2,
    ),
    "xero": Case(
        """\
*ContactName,AccountNumber,EmailAddress,FirstName,LastName,POAttentionTo,POAddressLine1,POAddressLine2,\
POCity,PORegion,POPostalCode,POCountry
Lotus Garments Ltd,LG01,rina@lotus.example,Rina,Akter,,12 Mirpur Rd,,Dhaka,,1216,Bangladesh
Saigon Footwear JSC,SF01,minh@sf.example,Minh,Tran,,5 Le Loi,,HCMC,,700000,Vietnam
""",
        first=[{"name": "Lotus Garments Ltd", "contact_email": "rina@lotus.example", "country": "BD"}],
        good=2,
    ),
    "salesforce camel": Case(
        """\
Id,Name,BillingStreet,BillingCity,BillingPostalCode,BillingCountry,Website,OwnerId
0015g00000AbCdE,Lotus Garments Ltd,12 Mirpur Rd,Dhaka,1216,Bangladesh,www.lotus.example,0055g00000X
0015g00000AbCdF,Saigon Footwear JSC,5 Le Loi,HCMC,700000,Vietnam,www.sf.example,0055g00000X
""",
        first=[{"name": "Lotus Garments Ltd", "address": "12 Mirpur Rd, 1216, Dhaka", "country": "BD"}],
        good=2,
    ),
    "sage uk": Case(
        """\
Account Reference,Account Name,Street 1,Street 2,Town,County,Postcode,Country,Contact Name,E-mail 1
LOT001,Lotus Garments Ltd,12 Mirpur Rd,,Dhaka,,1216,Bangladesh,Rina Akter,rina@lotus.example
SAI001,Saigon Footwear JSC,5 Le Loi,Dist 1,HCMC,,700000,Vietnam,Minh Tran,minh@sf.example
""",
        first=[
            {
                "name": "Lotus Garments Ltd",
                "contact_email": "rina@lotus.example",
                "address": "12 Mirpur Rd, 1216, Dhaka",
                "country": "BD",
            }
        ],
        good=2,
    ),
    "vendor number repeats": Case(
        """\
Supplier,Name 1,Plant,Country
100001,Lotus Ltd,1000,BD
100001,Lotus Ltd,2000,BD
100002,Saigon JSC,1000,VN
100002,Saigon JSC,2000,VN
""",
        first=[{"name": "Lotus Ltd", "vendor_number": "100001", "country": "BD"}],
        good=2,
        repeats=2,
    ),
    "de vendor number repeats": Case(
        """\
Lieferant;Name 1;Land;Werk
100001;Lotus Ltd;BD;1000
100001;Lotus Ltd;BD;2000
100002;Saigon JSC;VN;1000
""",
        first=[{"name": "Lotus Ltd", "vendor_number": "100001", "country": "BD"}],
        good=2,
        repeats=1,
    ),
    "item list": Case(
        """\
Item No,Item Name,Vendor,Vendor Name,Country of Origin
A-1,Shirt,1001,Lotus Ltd,BD
A-2,Trousers,1001,Lotus Ltd,BD
A-3,Shoe,1002,Saigon JSC,VN
""",
        first=[{"name": "Lotus Ltd", "vendor_number": "1001", "country": "BD"}],
        good=2,
        repeats=1,
    ),
    "po list": Case(
        """\
PO Number,PO Date,Supplier,Country,Amount
4500001,2024-01-01,Lotus Ltd,BD,1000
4500002,2024-01-02,Lotus Ltd,BD,2000
4500003,2024-01-03,Saigon JSC,VN,3000
""",
        first=[{"name": "Lotus Ltd", "vendor_number": None, "country": "BD"}],
        good=2,
        repeats=1,
    ),
    "excel equals text": Case(
        """\
Vendor No,Supplier,Country
="00123",="Lotus Ltd",="Bangladesh"
="00124",="Saigon JSC",="Vietnam"
""",
        first=[{"name": "Lotus Ltd", "vendor_number": "00123", "country": "BD"}],
        good=2,
    ),
    "datev": Case(
        """\
Konto;Name (Adressattyp Unternehmen);Kurzbezeichnung;Straße;Postleitzahl;Ort;Land;E-Mail
70001;Müller Stoffe GmbH;Müller;Weg 1;80331;München;DE;info@mueller.example
70002;Rossi Tessuti S.r.l.;Rossi;Via Roma 2;59100;Prato;IT;info@rossi.example
""",
        first=[
            {
                "name": "Müller Stoffe GmbH",
                "vendor_number": "70001",
                "address": "Weg 1, 80331, München",
                "country": "DE",
            }
        ],
        good=2,
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_reads_the_list_as_a_buyer_would(case: Case) -> None:
    check(case)
