"""Factory lists as brands and platforms disclose them: a row is a factory, whoever else has a column."""

import pytest

from tests.portal.directory.lists.made import Case, check

CASES = {
    "osh download": Case(
        """\
os_id,contribution_date,name,address,country_code,country_name,lat,lng,sector,contributor (list),\
number_of_workers,parent_company,processing_type_facility_type_raw,facility_type,product_type,is_closed
BD2019098C8Z1AB,2019-04-08,Lotus Garments Ltd,"12 Mirpur Rd, Dhaka",BD,Bangladesh,23.81,90.36,Apparel,\
H&M (Supplier List),1001-5000,Lotus Group,Sewing,Final Product Assembly,Shirts,False
VN2019098C8Z2AB,2019-04-08,Saigon Footwear JSC,"5 Le Loi, HCMC",VN,Vietnam,10.77,106.7,Apparel,Nike,\
5001-10000,Saigon Group,Cutting,Final Product Assembly,Shoes,False
CN2019098C8Z3AB,2019-04-08,Ningbo Knitting,"8 Long Rd, Ningbo",CN,China,29.8,121.5,Apparel|Footwear,\
Gap|Nike,1-1000,,Knitting,Textile Production,,False
""",
        first=[
            {
                "name": "Lotus Garments Ltd",
                "external_reference": "BD2019098C8Z1AB",
                "address": "12 Mirpur Rd, Dhaka",
                "vendor_number": None,
                "sector": "Apparel",
                "local_name": None,
                "country": "BD",
            }
        ],
        good=3,
    ),
    "supplier name beside factory name": Case(
        """\
Manufacturing Country,Supplier Name,Factory Name,Address,Factory Type,Product Type,Total no of workers
BANGLADESH,Lotus Group,Lotus Garments Ltd Unit 2,"12 Mirpur Rd, Dhaka",Manufacturing,Apparel,1001-5000
BANGLADESH,Lotus Group,Lotus Knitwear Ltd,"14 Mirpur Rd, Dhaka",Manufacturing,Apparel,1001-5000
VIET NAM,Saigon Corp,Saigon Footwear JSC,"5 Le Loi, HCMC",Processing,Footwear,501-1000
""",
        first=[{"name": "Lotus Garments Ltd Unit 2", "address": "12 Mirpur Rd, Dhaka", "country": "BD"}],
        good=3,
    ),
    "supplier group beside factory name": Case(
        """\
Factory Name,Factory Type,Product Type,"Nike, Inc. Brand(s)",Events,Supplier Group,Address,City,State,\
Postal Code,Country / Region,Region,Total Workers,Line Workers,% Female Workers,% Migrant Workers
LOTUS GARMENTS LTD,FINISHED GOODS,APPAREL,NIKE,,LOTUS GROUP,12 MIRPUR RD,DHAKA,,1216,BANGLADESH,SOUTH ASIA,\
2100,1800,60%,0%
SAIGON FOOTWEAR JSC,FINISHED GOODS,FOOTWEAR,NIKE,,SAIGON GROUP,5 LE LOI,HCMC,,700000,VIETNAM,SE ASIA,3100,\
2800,70%,0%
""",
        first=[
            {
                "name": "LOTUS GARMENTS LTD",
                "address": "12 MIRPUR RD, 1216, DHAKA",
                "vendor_number": None,
                "sector": "APPAREL",
                "country": "BD",
            }
        ],
        good=2,
    ),
    "vendor beside facility name": Case(
        """\
Country / Region,Vendor,Facility Name,Facility Address,City,State/Province,Facility Type
Bangladesh,Lotus Group,Lotus Garments Ltd,12 Mirpur Rd,Dhaka,Dhaka,Sewing
Bangladesh,Lotus Group,Lotus Washing Ltd,13 Mirpur Rd,Dhaka,Dhaka,Laundry
""",
        first=[{"name": "Lotus Garments Ltd", "country": "BD"}],
        good=2,
    ),
    "sedex": Case(
        """\
ZS Code,ZC Code,Site Name,Company Name,Site Address,Site Country,Site Contact Name,Site Contact Email,Sector
ZS1234567,ZC7654321,Lotus Garments Unit 1,Lotus Group Ltd,"12 Mirpur Rd, Dhaka",Bangladesh,Rina Akter,\
rina@lotus.example,Apparel
ZS1234568,ZC7654321,Lotus Garments Unit 2,Lotus Group Ltd,"13 Mirpur Rd, Dhaka",Bangladesh,Rina Akter,\
rina@lotus.example,Apparel
""",
        first=[{"name": "Lotus Garments Unit 1", "vendor_number": None, "country": "BD"}],
        good=2,
    ),
    "ecovadis": Case(
        """\
Supplier name*,Supplier country*,Contact first name*,Contact last name*,Contact email*,Contact language,\
Internal ID,Spend (EUR)
Lotus Garments Ltd,BD,Rina,Akter,rina@lotus.example,English,40001,120000
Saigon Footwear JSC,VN,Minh,Tran,minh@sf.example,Vietnamese,40002,220000
""",
        first=[
            {
                "name": "Lotus Garments Ltd",
                "contact_email": "rina@lotus.example",
                "contact_name": "Rina Akter",
                "contact_locale": "en",
                "vendor_number": "40001",
                "country": "BD",
            }
        ],
        good=2,
    ),
    "first last name only": Case(
        """\
Company,First Name,Last Name,Email,Country
Lotus Garments Ltd,Rina,Akter,rina@lotus.example,Bangladesh
Saigon Footwear JSC,Minh,Tran,minh@sf.example,Vietnam
""",
        first=[{"name": "Lotus Garments Ltd", "contact_name": "Rina Akter", "country": "BD"}],
        good=2,
    ),
    "tier and risk": Case(
        """\
Tier,Supplier,Country,Country risk,Region
1,Lotus Garments Ltd,Bangladesh,High,APAC
1,Saigon Footwear JSC,Vietnam,Medium,APAC
2,Ningbo Knits Co Ltd,China,Medium,APAC
""",
        first=[{"name": "Lotus Garments Ltd", "vendor_number": None, "address": None, "country": "BD"}],
        good=3,
    ),
    "customer and supplier": Case(
        """\
Customer name,Supplying factory,Country
Brand A,Lotus Ltd,BD
Brand B,Saigon JSC,VN
""",
        first=[{"name": "Lotus Ltd", "country": "BD"}],
        good=2,
    ),
    "supplier factory zh": Case(
        """\
供应商名称,工厂名称,国家,工厂地址
香港贸易公司,东莞蓝天制衣厂,中国,东莞1号
香港贸易公司,温州红叶鞋厂,中国,温州2号
""",
        first=[{"name": "东莞蓝天制衣厂", "country": "CN"}],
        good=2,
    ),
    "local and english": Case(
        """\
供应商名称,Supplier Name,Country
蓝天制衣,Blue Sky Garments Ltd,China
红叶鞋业,Red Leaf Shoes Ltd,China
""",
        first=[{"name": "Blue Sky Garments Ltd", "local_name": "蓝天制衣", "country": "CN"}],
        good=2,
    ),
    "english and local": Case(
        """\
Supplier Name,Supplier Name (Chinese),Country
Blue Sky Garments Ltd,蓝天制衣,China
""",
        first=[{"name": "Blue Sky Garments Ltd", "local_name": "蓝天制衣", "country": "CN"}],
        good=1,
    ),
    "name and company": Case(
        """\
Name,Company,Email,Country
Rina Akter,Lotus Garments Ltd,a@l.example,BD
Minh Tran,Saigon JSC,b@l.example,VN
""",
        first=[{"name": "Lotus Garments Ltd", "contact_name": "Rina Akter", "country": "BD"}],
        good=2,
    ),
    "supplier id text": Case(
        """\
Supplier,Supplier Name,Country
LOTUS,Lotus Garments Ltd,BD
SAIGON,Saigon JSC,VN
""",
        first=[{"name": "Lotus Garments Ltd", "country": "BD"}],
        good=2,
    ),
    "agent factory": Case(
        """\
Agent Name,Factory Name,Factory Country,Agent Country
Li Agents Ltd,Lotus Garments,BD,HK
Li Agents Ltd,Saigon Shoes,VN,HK
""",
        first=[{"name": "Lotus Garments", "country": "BD"}],
        good=2,
    ),
    "facility and parent": Case(
        """\
Facility Name,Parent Company,Country
Lotus Unit 1,Lotus Group Ltd,BD
Saigon Unit,Saigon Group Ltd,VN
""",
        first=[{"name": "Lotus Unit 1", "country": "BD"}],
        good=2,
    ),
    "parent company before": Case(
        """\
Parent Company Name,Country,Production Unit Address,Facility
Lotus Group,Bangladesh,"12 Mirpur Rd, Dhaka",Lotus Garments Ltd
Lotus Group,Bangladesh,"13 Mirpur Rd, Dhaka",Lotus Knits Ltd
""",
        first=[{"name": "Lotus Garments Ltd", "country": "BD"}],
        good=2,
    ),
    "product name beside unknown": Case(
        """\
Product Name,Made by,Country
Shirt,Lotus Garments Ltd,Bangladesh
Shoe,Saigon Footwear JSC,Vietnam
""",
        first=[{"name": "Lotus Garments Ltd", "country": "BD"}],
        good=2,
    ),
    "brand first": Case(
        """\
Brand Name,Supplier,Country,Buyer name
Brand A,Lotus Garments Ltd,Bangladesh,John Smith
Brand A,Saigon Footwear JSC,Vietnam,Jane Doe
""",
        first=[{"name": "Lotus Garments Ltd", "country": "BD"}],
        good=2,
    ),
    "bank columns": Case(
        """\
Vendor,Vendor Name,Bank Country,Bank Name,Bank Account Number,Country,City
1001,Lotus Garments Ltd,SG,DBS Bank Ltd,0012345678,Bangladesh,Dhaka
1002,Saigon Footwear JSC,HK,HSBC Ltd,0012345679,Vietnam,HCMC
""",
        first=[{"name": "Lotus Garments Ltd", "vendor_number": "1001", "country": "BD"}],
        good=2,
    ),
    "origin first": Case(
        """\
Supplier,Country of origin,Country
Lotus Ltd,CN,BD
Saigon JSC,CN,VN
""",
        first=[{"name": "Lotus Ltd", "country": "BD"}],
        good=2,
    ),
    "sourcing and hq country": Case(
        """\
Supplier,HQ Country,Production Country,Email
Lotus Group Ltd,Hong Kong,Bangladesh,rina@lotus.example
Saigon Group JSC,Singapore,Vietnam,minh@sf.example
""",
        first=[{"name": "Lotus Group Ltd", "country": "BD"}],
        good=2,
    ),
    "name in two cols": Case(
        """\
Supplier Name 1,Supplier Name 2,Country
Shanghai Yuanfeng Textile Import,& Export Co Ltd,CN
Dhaka Denim,,BD
""",
        first=[{"local_name": None, "country": "CN"}],
        good=2,
    ),
    "transparency pledge": Case(
        """\
The full name of all authorized production units and processing facilities,The site addresses,Country,\
The parent company of the business at the site,Type of products made,Worker numbers at each site
Lotus Garments Ltd,"12 Mirpur Rd, Dhaka",Bangladesh,Lotus Group,Apparel,1001-5000
Saigon Footwear JSC,"5 Le Loi, HCMC",Vietnam,Saigon Group,Footwear,5001-10000
""",
        first=[{"name": "Lotus Garments Ltd", "address": "12 Mirpur Rd, Dhaka", "country": "BD"}],
        good=2,
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_reads_the_list_as_a_buyer_would(case: Case) -> None:
    check(case)
