"""Header words of languages beside those of the longer made files."""

import pytest

from tests.portal.directory.lists.made import Case, check

CASES = {
    "de lief": Case(
        """\
Lief.Nr.;Lieferantenbezeichnung;Straße/Nr.;PLZ/Ort;Länderkennz.;Mail
4711;Nähwerk Größe GmbH;Am Bach 7;01067 Dresden;D;j@naeh.example
4712;Wäscherei Österle KG;Ring 12;6800 Feldkirch;A;i@oe.example
4713;Tisca AG;Weg 1;9055 Bühler;CH;t@tisca.example
""",
        first=[{"name": "Nähwerk Größe GmbH", "vendor_number": "4711", "country": "DE"}],
        good=3,
    ),
    "fr usine": Case(
        """\
Nom usine;Sous-traitant;Pays de fabrication;Adresse usine
Confection Atlas;Oui;Maroc;Zone Industrielle 5, Casablanca
Tunis Mode;Non;Tunisie;Route 3, Sousse
""",
        first=[{"name": "Confection Atlas", "country": "MA"}],
        good=2,
    ),
    "es razon": Case(
        """\
Cód. Proveedor;Razón Social;Nombre Comercial;CIF/NIF;País
P01;Confecciones Ñandú SL;Ñandú;B12345678;España
P02;Calzados Corazón SL;Corazón;B12345679;España
""",
        first=[
            {
                "name": "Confecciones Ñandú SL",
                "vendor_number": "P01",
                "external_reference": "B12345678",
                "country": "ES",
            }
        ],
        good=2,
    ),
    "es acreedor": Case(
        """\
Acreedor;Nombre 1;Calle;C.P.;Población;Clave país;Correo
1001;Confecciones Ñandú SL;Calle 5;03201;Elche;ES;a@n.example
1002;Textiles Puebla SA de CV;Av. 3;72000;Puebla;MX;b@n.example
""",
        first=[
            {
                "name": "Confecciones Ñandú SL",
                "vendor_number": "1001",
                "address": "Calle 5, 03201, Elche",
                "country": "ES",
            }
        ],
        good=2,
    ),
    "it stab": Case(
        """\
Cod. Forn.;Ragione Sociale;Stabilimento;Indirizzo;CAP;Località;Prov.;Stato;P.IVA
001;Maglificio Perché Srl;Prato 1;Via Roma 1;59100;Prato;PO;Italia;IT01234567890
002;Conceria Città SpA;Arzignano;Via Po 2;36071;Arzignano;VI;Italia;IT01234567891
""",
        first=[{"name": "Maglificio Perché Srl", "vendor_number": "001", "country": "IT"}],
        good=2,
    ),
    "nl fabriek": Case(
        """\
Crediteurnr.;Crediteurnaam;Adres;Postcode;Plaats;Land;Mailadres
88001;Naaiatelier Zuid;Molenweg 4;5611 AA;Eindhoven;Nederland;a@z.example
88002;Weverij Noord;Kaai 1;9000;Gent;België;b@z.example
""",
        first=[{"name": "Naaiatelier Zuid", "vendor_number": "88001", "country": "NL"}],
        good=2,
    ),
    "tr cari": Case(
        """\
Cari Kodu;Cari Ünvanı;Adres;İlçe;İl;Ülke;E-Mail
320.01.001;Güneş Örme San. ve Tic. A.Ş.;Işık Sk. 4;Bağcılar;İstanbul;TÜRKİYE;a@g.example
320.01.002;Çınar İplik Ltd. Şti.;Ağaç Cd. 9;Nilüfer;Bursa;TÜRKİYE;b@g.example
""",
        first=[{"name": "Güneş Örme San. ve Tic. A.Ş.", "vendor_number": "320.01.001", "country": "TR"}],
        good=2,
    ),
    "pl kontrahent": Case(
        """\
Kod kontrahenta;Nazwa pełna;NIP;Ulica;Nr domu;Kod poczt.;Miejscowość;Kraj;E-mail
K01;Szwalnia Żółw Sp. z o.o.;1234567890;Łąkowa;8;90-001;Łódź;PL;a@z.example
K02;Zakład Dąb;1234567891;Święta;2;60-101;Poznań;PL;b@z.example
""",
        first=[
            {
                "name": "Szwalnia Żółw Sp. z o.o.",
                "vendor_number": "K01",
                "address": "Łąkowa 8, 90-001, Łódź",
                "external_reference": "1234567890",
                "country": "PL",
            }
        ],
        good=2,
    ),
    "zh tw full": Case(
        """\
廠商代號,廠商全名,國家地區,公司地址,連絡人,信箱
T01,大同紡織,台灣,台北市,陳先生,a@t.example
T02,遠東鞋業,中國大陸,東莞市,林小姐,b@t.example
""",
        first=[{"name": "大同紡織", "vendor_number": "T01", "country": "TW"}],
        good=2,
    ),
    "zh keshang": Case(
        """\
客商编码,客商名称,国家和地区,地址,联系人,电子邮件地址
K001,东莞蓝天制衣,中国,广东东莞虎门,王芳,a@l.example
K002,温州红叶鞋业,中国,浙江温州,李雷,b@l.example
""",
        first=[
            {
                "name": "东莞蓝天制衣",
                "vendor_number": "K001",
                "contact_name": "王芳",
                "contact_email": "a@l.example",
                "country": "CN",
            }
        ],
        good=2,
    ),
    "zh factory": Case(
        """\
序号,工厂全称,英文名称,所属国家,省份,城市,详细地址
1,东莞蓝天制衣有限公司,Dongguan Blue Sky Garment Co Ltd,中国,广东,东莞,虎门镇1号
2,温州红叶鞋业有限公司,Wenzhou Red Leaf Shoes Co Ltd,中国,浙江,温州,瓯海区2号
""",
        first=[{"country": "CN"}],
        good=2,
    ),
    "ja maker": Case(
        """\
取引先ID,メーカー名,製造工場名,製造国,工場所在地
001,さくら商事株式会社,さくら縫製第一工場,日本,東京都港区1-2-3
002,みどり商事株式会社,広州みどり工場,中国,広東省広州市4-5
""",
        first=[{"vendor_number": "001", "address": "東京都港区1-2-3", "country": "JP"}],
        good=2,
    ),
    "ko": Case(
        """\
업체코드,협력업체명,소재국,소재지,담당자,메일
A1,(주)한빛섬유,대한민국,대구 서구 1,김철수,a@h.example
A2,한솔베트남,베트남,호치민 2,박영희,b@h.example
""",
        first=[{"name": "(주)한빛섬유", "vendor_number": "A1", "contact_email": "a@h.example", "country": "KR"}],
        good=2,
    ),
    "ru simple": Case(
        """\
Производитель;Страна;Город
ООО Ромашка;РФ;Иваново
Беларусьтекс;Республика Беларусь;Минск
""",
        first=[{"name": "ООО Ромашка", "country": "RU"}],
        good=2,
    ),
    "ru 1251": Case(
        """\
Код контрагента;Наименование контрагента;Страна производства;Юридический адрес;Эл. почта
00017;ООО Ромашка;Россия;г. Иваново, ул. Ленина 5;a@r.example
00018;Фабрика Узтекс;Узбекистан;г. Ташкент, ул. Навои 7;b@r.example
""",
        encoding="cp1251",
        first=[{"name": "ООО Ромашка", "vendor_number": "00017", "contact_email": "a@r.example", "country": "RU"}],
        good=2,
    ),
    "vi noaccent": Case(
        """\
STT,Ma NCC,Ten nha cung cap,Dia chi,Quoc gia,Nguoi lien he,Email
1,N1,Cong ty TNHH May Mua Xuan,So 5 Binh Duong,Viet Nam,Hoa,a@m.example
2,N2,Cong ty CP Giay Song Day,Ha Nam,Viet Nam,Lan,b@m.example
""",
        first=[{"name": "Cong ty TNHH May Mua Xuan", "vendor_number": "N1", "country": "VN"}],
        good=2,
    ),
    "sv": Case(
        """\
Leverantörsnr;Leverantör;Tillverkningsland;Fabrik;Adress;E-post
101;Textil Borås AB;Bangladesh;Lotus Garments Ltd;12 Mirpur Rd, Dhaka;a@b.example
102;Sko AB;Vietnam;Saigon Shoes;5 Le Loi, HCMC;b@b.example
""",
        first=[{"vendor_number": "101", "contact_email": "a@b.example", "country": "BD"}],
        good=2,
    ),
    "da": Case(
        """\
Leverandørnr.;Leverandørnavn;Land;Adresse;By;Postnr.;E-mail
101;Væveri Nord;Danmark;Vej 1;Aarhus;8000;a@b.example
102;Tyrkisk Strik;Tyrkiet;Cad. 5;Izmir;35000;b@b.example
""",
        first=[{"name": "Væveri Nord", "vendor_number": "101", "address": "Vej 1, 8000, Aarhus", "country": "DK"}],
        good=2,
    ),
    "fi": Case(
        """\
Toimittaja;Maa;Osoite;Sähköposti
Kutomo Oy;Suomi;Katu 1, Tampere;a@k.example
Lotus Ltd;Bangladesh;Mirpur Rd 1, Dhaka;b@k.example
""",
        first=[{"name": "Kutomo Oy", "address": "Katu 1, Tampere", "country": "FI"}],
        good=2,
    ),
    "cs": Case(
        """\
Název dodavatele;Země;Adresa;Město;PSČ;E-mail
Tkalcovna Růže s.r.o.;Česká republika;Dlouhá 5;Brno;602 00;a@r.example
Šicí dílna;Slovensko;Krátká 6;Žilina;010 01;b@r.example
""",
        encoding="cp1250",
        first=[{"name": "Tkalcovna Růže s.r.o.", "country": "CZ"}],
        good=2,
    ),
    "hu": Case(
        """\
Szállító neve;Ország;Cím
Szövöde Kft.;Magyarország;Fő utca 5, Pécs
Cipő Zrt.;Magyarország;Kis utca 6, Győr
""",
        first=[{"name": "Szövöde Kft.", "address": "Fő utca 5, Pécs", "country": "HU"}],
        good=2,
    ),
    "ro": Case(
        """\
Furnizor;Țara;Adresa
Confecții Iași SRL;România;Str. Lungă 5, Iași
Țesături SA;Moldova;Str. Mare 6, Chișinău
""",
        first=[{"name": "Confecții Iași SRL", "address": "Str. Lungă 5, Iași", "country": "RO"}],
        good=2,
    ),
    "el": Case(
        """\
Επωνυμία;Χώρα;Διεύθυνση
Κλωστήρια ΑΕ;Ελλάδα;Οδός 5, Αθήνα
Υφαντουργία ΕΠΕ;Κύπρος;Οδός 6, Λεμεσός
""",
        first=[{"name": "Κλωστήρια ΑΕ", "country": "GR"}],
        good=2,
    ),
    "th": Case(
        """\
ชื่อบริษัท,ประเทศ,ที่อยู่,อีเมล
บริษัท ไทยผ้า จำกัด,ไทย,กรุงเทพ 10110,a@t.example
บริษัท ดี จำกัด,ประเทศไทย,เชียงใหม่ 50000,b@t.example
""",
        first=[{"name": "บริษัท ไทยผ้า จำกัด", "contact_email": "a@t.example", "country": "TH"}],
        good=2,
    ),
    "he": Case(
        """\
שם הספק,מדינה,כתובת
טקסטיל בעמ,ישראל,תל אביב 5
נעליים בעמ,סין,שנזן 6
""",
        first=[{"name": "טקסטיל בעמ", "country": "IL"}],
        good=2,
    ),
    "id": Case(
        """\
Kode Pemasok;Nama Pemasok;Negara;Alamat;Surel
P1;PT Benang Indah;Indonesia;Jl. Merdeka 5, Bandung;a@p.example
P2;PT Sepatu Jaya;Indonesia;Jl. Raya 6, Tangerang;b@p.example
""",
        first=[{"name": "PT Benang Indah", "vendor_number": "P1", "country": "ID"}],
        good=2,
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_reads_the_list_as_a_buyer_would(case: Case) -> None:
    check(case)
