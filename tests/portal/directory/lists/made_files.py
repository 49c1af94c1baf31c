"""The made-up lists of test_made_files, and what each must be read as, record by record."""

import io
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import xlsxwriter


@dataclass
class Made:
    """A file and what it must be read as: all its records, which lines are bad, and its format."""

    data: Callable[[], bytes]
    records: str
    bad: list[int] = field(default_factory=list)
    skipped: int = 0
    encoding: str | None = "utf-8"
    delimiter: str | None = ","
    first_line: int = 2


def text(content: str, encoding: str = "utf-8") -> Callable[[], bytes]:
    return lambda: content.encode(encoding)


def book(*sheets: list[list[object]], hide_first: bool = False) -> Callable[[], bytes]:
    def build() -> bytes:
        target = io.BytesIO()
        with xlsxwriter.Workbook(target) as workbook:
            for number, cells in enumerate(sheets):
                sheet = workbook.add_worksheet(f"Sheet {number + 1}")
                for at, row in enumerate(cells):
                    sheet.write_row(at, 0, row)
                if number == 1:
                    sheet.activate()
            if hide_first:
                workbook.worksheets()[0].hide()
        return target.getvalue()

    return build


FILES = Path(__file__).parent / "files"
GERMAN = """Lieferanten-Nr.;Firma;Straße;Hausnummer;PLZ;Ort;Land;Branche;Ansprechpartner;E-Mail;Sprache
000417;Nähwerk Größe GmbH;Am Mühlbach;7a;01067;Dresden;Deutschland;Bekleidung;Jörg Übel;j.uebel@naehwerk.example;Deutsch
000418;Wäscherei Österle KG;Ringstraße;12;6800;Feldkirch;Österreich;Wäscherei;;info@oesterle.example;de
"""
FRENCH = """Raison sociale;Adresse;Code postal;Ville;Pays;Secteur d'activité;Courriel
Tissages de l'Été SARL;3, rue de la Forêt;59000;Lille;France;Textile;contact@tissages.example
Chaussures Noël & Fils SA;Zone d'Activité;20000;Casablanca;Maroc;Chaussures;noel@chaussures.example
"""
SPANISH = """Nombre del proveedor,Dirección,País,Rubro,Contacto,Correo electrónico
Confecciones Ñandú S.A. de C.V.,"Calle 5, Puebla",México,Confección,Íñigo Peña,ventas@nandu.example
Calzados Corazón S.L.,"Av. de la Paz 3, Elche",España,Calzado,,elche@corazon.example
"""
PORTUGUESE = """Código do fornecedor;Razão social;Endereço;Cidade;UF;CEP;País;Setor;E-mail
F-01;Malhas São João Ltda;Rua das Flores 9;Blumenau;SC;89010-000;Brasil;Vestuário;malhas@saojoao.example
F-02;Calçados Açores Lda;Rua Direita 2;Felgueiras;;4610-001;Portugal;Calçado;felgueiras@acores.example
"""
ITALIAN = """Ragione sociale;Indirizzo;Comune;Provincia;CAP;Nazione;Settore;Referente;PEC
Maglificio Perché S.r.l.;Via Roma 1;Prato;PO;59100;Italia;Abbigliamento;Niccolò Bianchi;maglificio@perche.example
Conceria Città S.p.A.;Via Po 2;Arzignano;VI;36071;Italia;Pelletteria;;conceria@citta.example
"""
DUTCH = """Leveranciersnummer;Naam;Adres;Postcode;Plaats;Land;Branche;Contactpersoon;E-mailadres;Taal
88001;Naaiatelier Zuid B.V.;Molenweg 4;5611 AA;Eindhoven;Nederland;Kleding;Joost de Wit;joost@zuid.example;Nederlands
88002;Weverij Noord N.V.;Kaai 1;9000;Gent;België;Textiel;;info@weverij.example;nl
"""
POLISH = """Nr dostawcy;Nazwa firmy;Ulica;Kod pocztowy;Miejscowość;Kraj;Branża;Osoba kontaktowa;Adres e-mail
10;Szwalnia Żółw Sp. z o.o.;ul. Łąkowa 8;90-001;Łódź;Polska;Odzież;Zdzisław Wąs;biuro@zolw.example
11;Zakład Meblowy Dąb S.A.;ul. Święta 2;60-101;Poznań;Polska;Meble;;dab@meble.example
"""
TURKISH = """Tedarikçi No;Tedarikçi Adı;Adres;Şehir;Ülke;Sektör;İlgili Kişi;E-posta
T001;Güneş Örme Sanayi ve Ticaret A.Ş.;Işık Sokak 4;İstanbul;Türkiye;Hazır Giyim;Ayşe Yılmaz;ayse@gunes.example
T002;Çınar İplik Ltd. Şti.;Ağaç Caddesi 9;Bursa;TÜRKİYE;Tekstil;;cinar@iplik.example
"""
CHINESE = """序号,供应商编号,供应商名称,地址,国家,行业,联系人,电子邮箱
1,GY001,东莞市蓝天制衣有限公司,广东省东莞市虎门镇,中国,服装,王芳,wangfang@lantian.example
2,GY002,温州红叶鞋业有限公司,浙江省温州市瓯海区,中国,鞋,李雷,lilei@hongye.example
"""
VIETNAMESE = """STT,Mã nhà cung cấp,Tên nhà cung cấp,Địa chỉ,Quốc gia,Ngành,Người liên hệ,Email
1,NCC-01,Công ty TNHH May Mùa Xuân,"Số 5, Bình Dương",Việt Nam,May mặc,Nguyễn Thị Hoa,hoa@muaxuan.example
2,NCC-02,Công ty Cổ phần Giày Sông Đáy,Hà Nam,VIET NAM,Giày dép,,giay@songday.example
"""
JAPANESE = """仕入先コード,会社名,住所,国,業種,担当者,メールアドレス
0012,株式会社さくら縫製,東京都港区1-2-3,日本,アパレル,山田太郎,yamada@sakura.example
0013,有限会社みどり工業,大阪府堺市4-5,日本,機械,,info@midori.example
"""
ARABIC = """رقم المورد,اسم المورد,العنوان,الدولة,القطاع,البريد الإلكتروني
7,شركة النيل للملابس,القاهرة,مصر,ملابس,info@nile.example
8,مصنع الأردن للأثاث,عمان,الأردن,أثاث,info@urdun.example
"""
TITLED = """Supplier list 2025 - purchasing department,,,
Confidential,,,
,,,
Supplier Name*,Country of the factory,Full address,NACE Rev.2 code
Blue Heron Garments Ltd.,Bangladesh,"Plot 4, Gazipur",14.13
Silver Creek Footwear Co.,Viet Nam,"Lot 7, Dong Nai",1520
,,,
Total: 2,,,
"""
PAGED = """name\tcountry\taddress
Red Kite Knitting\tIN\t"5, Mill Road
Tiruppur
Tamil Nadu"
name\tcountry\taddress
Grey Owl Weaving\tPK\tLahore
"""
HEADLESS = """Juniper Cloth Co., Ltd.;Cambodia;anna@juniper.example;"12 River Street, Phnom Penh";Garments
Larkspur Shoes Ltd;VIETNAM;ben@larkspur.example;"Lot 3, Binh Duong Province";Footwear
Marigold Bags Inc.;PHILIPPINES;;"Unit 9, Cavite";Luggage
"""
ODD_HEADERS = """Spalte A|Spalte B|Spalte C
Amber Fabrics Ltd|LK|one@amber.example
Cobalt Dyeing Ltd|BD|two@cobalt.example
Umber Spinning Ltd|IN|three@umber.example
"""
BILINGUAL = """供应商名称 Supplier Name,国家/Country,Address 1,Address 2,City,Contact E-mail
Jade River Toys Co Ltd,P.R. China,8 Long Road,Building C,Shantou,toys@jade.example
Pearl Bay Lamps Ltd,"China, Hong Kong SAR",1 Pier,,Hong Kong,lamps@pearl.example
"""
MIXED = """Supplier,Vendor Name,Nation,E-mail,Reference
0100,Fern Hill Tea Estates,Sri Lanka,not an address,OS-1
0101,Oak & Ash Furniture,Narnia,oak@ash.example,OS-2
0102,,Poland,x@y.example,OS-3
0103,Elm Tools s.r.o.,Czechia,Eva Malá <eva@elm.example>,OS-4
"""
SAP = """sep=;
LIFNR;NAME 1;NAME 2;STREET;POSTAL CODE;CITY;COUNTRY KEY
0000100200;QUARTZ METALS GMBH;;HAUPTSTR. 1;70173;STUTTGART;DE
0000100201;TOPAZ GLAS AG;;SEEWEG 2;8001;ZURICH;CH
"""
BOOK = [
    ["Approved suppliers", "", "", ""],
    [],
    ["Vendor #", "Company", "Country/Region", "E-mail address"],
    [1234.0, "Violet Optics Sdn. Bhd.", "Malaysia", "sales@violet.example"],
    ["00077", "Indigo Circuits Co Ltd", "Taiwan", ""],
    ["Grand total", 2, "", ""],
]
PICKED = [["Company", "Country"], *([f"Maple Works {number} Ltd", "US"] for number in range(9))]
SWEDISH = """Leverantörslista 2026;;;;;
Inköpsavdelningen;;;;;
;;;;;
Leverantörsnummer;Företagsnamn;Gatuadress;Postnummer;Ort;Land;Bransch;Kontaktperson;E-post
4711;Väveri Älgen AB;Sjögatan 2;503 30;Borås;Sverige;Textil;Åsa Öberg;asa@algen.example
04712;Skofabriken Fåret AB;Ängsvägen 8;691 31;Karlskoga;Sverige;Skor;;info@faret.example
"""
RUSSIAN = """№;Код поставщика;Наименование;Адрес;Страна;Отрасль;Контактное лицо;Электронная почта
1;П-100;ООО «Швейная фабрика Заря»;г. Иваново, ул. Садовая, 5;Россия;Одежда;Анна Белова;zarya@fabrika.example
2;П-101;ООО «Мебель Восток»;г. Минск, ул. Лесная, 9;Беларусь;Мебель;;vostok@mebel.example
"""
CZECH = """Číslo dodavatele;Název firmy;Ulice;PSČ;Město;Země;Obor;Kontaktní osoba;E-mail
0501;Šicí dílna Říp s.r.o.;Dlouhá 3;413 01;Roudnice nad Labem;Česká republika;Oděvy;Jiří Žák;dilna@rip.example
0502;Obuv Čáp a.s.;Krátká 7;760 01;Zlín;Česko;Obuv;;obuv@cap.example
"""
INDONESIAN = """Kode pemasok;Nama pemasok;Alamat;Kota;Negara;Industri;Narahubung;Email
ID-7;PT Melati Garmen Tbk;Jl. Kenanga 4;Bandung;Indonesia;Garmen;Siti Rahayu;siti@melati.example
ID-8;CV Sepatu Rajawali;Jl. Merak 10;Tangerang;INDONESIA;Alas kaki;;rajawali@sepatu.example
"""
KOREAN = """공급업체 번호,공급업체명,주소,국가,업종,담당자,이메일
K-01,주식회사 푸른섬유,대구광역시 서구 3,대한민국,섬유,김민지,minji@pureun.example
K-02,한빛신발 주식회사,부산광역시 사상구 8,한국,신발,,hanbit@sinbal.example
"""
NUMBERED = """Approved factories,,,,,,
As of 1 March 2026,,,,,,
Vendor ID,Factory name,Parent company,Street address,Town,Country of production,Contact mail
00081,Heron Lake Mills Pvt Ltd,Lake Group,"Plot 8, Phase II",Tiruppur,India,heron@lake.example
00082,Sandbar Denim (Pvt.) Ltd.,Lake Group,12 Canal Road,Faisalabad,Pakistan,"one@sandbar.example, two@sandbar.example"
00083,Kingfisher Caps PLC,,"Lot 3",Hawassa,Ethiopia,
"""

# What each must be read as, a line a record: name, country, vendor number, address, sector (codes, or the words where
# they are not known), contact, e-mail, language.
RECORDS = {
    "GERMAN": """
Nähwerk Größe GmbH | DE | 000417 | Am Mühlbach 7a, 01067, Dresden | 14 | Jörg Übel | j.uebel@naehwerk.example | de
Wäscherei Österle KG | AT | 000418 | Ringstraße 12, 6800, Feldkirch | 96 |  | info@oesterle.example | de
""",
    "FRENCH": """
Tissages de l'Été SARL | FR |  | 3, rue de la Forêt, 59000, Lille | 13 |  | contact@tissages.example
Chaussures Noël & Fils SA | MA |  | Zone d'Activité, 20000, Casablanca | 15 |  | noel@chaussures.example
""",
    "SPANISH": """
Confecciones Ñandú S.A. de C.V. | MX |  | Calle 5, Puebla | 14 | Íñigo Peña | ventas@nandu.example
Calzados Corazón S.L. | ES |  | Av. de la Paz 3, Elche | 15 |  | elche@corazon.example
""",
    "PORTUGUESE": """
Malhas São João Ltda | BR | F-01 | Rua das Flores 9, 89010-000, Blumenau, SC | 14 |  | malhas@saojoao.example
Calçados Açores Lda | PT | F-02 | Rua Direita 2, 4610-001, Felgueiras | 15 |  | felgueiras@acores.example
""",
    "ITALIAN": """
Maglificio Perché S.r.l. | IT |  | Via Roma 1, 59100, Prato, PO | 14 | Niccolò Bianchi | maglificio@perche.example
Conceria Città S.p.A. | IT |  | Via Po 2, 36071, Arzignano, VI | 15 |  | conceria@citta.example
""",
    "DUTCH": """
Naaiatelier Zuid B.V. | NL | 88001 | Molenweg 4, 5611 AA, Eindhoven | 14 | Joost de Wit | joost@zuid.example | nl
Weverij Noord N.V. | BE | 88002 | Kaai 1, 9000, Gent | 13 |  | info@weverij.example | nl
""",
    "POLISH": """
Szwalnia Żółw Sp. z o.o. | PL | 10 | ul. Łąkowa 8, 90-001, Łódź | 14 | Zdzisław Wąs | biuro@zolw.example
Zakład Meblowy Dąb S.A. | PL | 11 | ul. Święta 2, 60-101, Poznań | 31 |  | dab@meble.example
""",
    "TURKISH": """
Güneş Örme Sanayi ve Ticaret A.Ş. | TR | T001 | Işık Sokak 4, İstanbul | 14 | Ayşe Yılmaz | ayse@gunes.example
Çınar İplik Ltd. Şti. | TR | T002 | Ağaç Caddesi 9, Bursa | 13 |  | cinar@iplik.example
""",
    "CHINESE": """
东莞市蓝天制衣有限公司 | CN | GY001 | 广东省东莞市虎门镇 | 14 | 王芳 | wangfang@lantian.example
温州红叶鞋业有限公司 | CN | GY002 | 浙江省温州市瓯海区 | 15 | 李雷 | lilei@hongye.example
""",
    "VIETNAMESE": """
Công ty TNHH May Mùa Xuân | VN | NCC-01 | Số 5, Bình Dương | 14 | Nguyễn Thị Hoa | hoa@muaxuan.example
Công ty Cổ phần Giày Sông Đáy | VN | NCC-02 | Hà Nam | 15 |  | giay@songday.example
""",
    "JAPANESE": """
株式会社さくら縫製 | JP | 0012 | 東京都港区1-2-3 | 14 | 山田太郎 | yamada@sakura.example
有限会社みどり工業 | JP | 0013 | 大阪府堺市4-5 | 28 |  | info@midori.example
""",
    "ARABIC": """
شركة النيل للملابس | EG | 7 | القاهرة | 14 |  | info@nile.example
مصنع الأردن للأثاث | JO | 8 | عمان | 31 |  | info@urdun.example
""",
    "TITLED": """
Blue Heron Garments Ltd. | BD |  | Plot 4, Gazipur | 14
Silver Creek Footwear Co. | VN |  | Lot 7, Dong Nai | 15
""",
    "PAGED": """
Red Kite Knitting | IN |  | 5, Mill Road Tiruppur Tamil Nadu
Grey Owl Weaving | PK |  | Lahore
""",
    "HEADLESS": """
Juniper Cloth Co., Ltd. | KH |  | 12 River Street, Phnom Penh | 14 |  | anna@juniper.example
Larkspur Shoes Ltd | VN |  | Lot 3, Binh Duong Province | 15 |  | ben@larkspur.example
Marigold Bags Inc. | PH |  | Unit 9, Cavite | 15
""",
    "ODD_HEADERS": """
Amber Fabrics Ltd | LK |  |  |  |  | one@amber.example
Cobalt Dyeing Ltd | BD |  |  |  |  | two@cobalt.example
Umber Spinning Ltd | IN |  |  |  |  | three@umber.example
""",
    "BILINGUAL": """
Jade River Toys Co Ltd | CN |  | 8 Long Road, Building C, Shantou |  |  | toys@jade.example
Pearl Bay Lamps Ltd | HK |  | 1 Pier, Hong Kong |  |  | lamps@pearl.example
""",
    "MIXED": """
Fern Hill Tea Estates | LK | 0100
Elm Tools s.r.o. | CZ | 0103 |  |  | Eva Malá | eva@elm.example
""",
    "SAP": """
QUARTZ METALS GMBH | DE | 0000100200 | HAUPTSTR. 1, 70173, STUTTGART
TOPAZ GLAS AG | CH | 0000100201 | SEEWEG 2, 8001, ZURICH
""",
    "BOOK": """
Violet Optics Sdn. Bhd. | MY | 1234 |  |  |  | sales@violet.example
Indigo Circuits Co Ltd | TW | 00077
""",
    "OLD": """
Nähwerk Größe GmbH | DE | 4711 |  |  |  | info@naehwerk.example
Weberei Österle AG | AT | 00042
""",
    "SWEDISH": """
Väveri Älgen AB | SE | 4711 | Sjögatan 2, 503 30, Borås | 13 | Åsa Öberg | asa@algen.example
Skofabriken Fåret AB | SE | 04712 | Ängsvägen 8, 691 31, Karlskoga | Skor |  | info@faret.example
""",
    "RUSSIAN": """
ООО «Швейная фабрика Заря» | RU | П-100 | г. Иваново, ул. Садовая, 5 | Одежда | Анна Белова | zarya@fabrika.example
ООО «Мебель Восток» | BY | П-101 | г. Минск, ул. Лесная, 9 | Мебель |  | vostok@mebel.example
""",
    "CZECH": """
Šicí dílna Říp s.r.o. | CZ | 0501 | Dlouhá 3, 413 01, Roudnice nad Labem | Oděvy | Jiří Žák | dilna@rip.example
Obuv Čáp a.s. | CZ | 0502 | Krátká 7, 760 01, Zlín | Obuv |  | obuv@cap.example
""",
    "INDONESIAN": """
PT Melati Garmen Tbk | ID | ID-7 | Jl. Kenanga 4, Bandung | Garmen |  | siti@melati.example
CV Sepatu Rajawali | ID | ID-8 | Jl. Merak 10, Tangerang | Alas kaki |  | rajawali@sepatu.example
""",
    "KOREAN": """
주식회사 푸른섬유 | KR | K-01 | 대구광역시 서구 3 | 섬유 | 김민지 | minji@pureun.example
한빛신발 주식회사 | KR | K-02 | 부산광역시 사상구 8 | 신발 |  | hanbit@sinbal.example
""",
    "NUMBERED": """
Heron Lake Mills Pvt Ltd | IN | 00081 | Plot 8, Phase II, Tiruppur |  |  | heron@lake.example
Sandbar Denim (Pvt.) Ltd. | PK | 00082 | 12 Canal Road, Faisalabad |  |  | one@sandbar.example
Kingfisher Caps PLC | ET | 00083 | Lot 3, Hawassa
""",
    "PICKED": "\n".join(f"Maple Works {number} Ltd | US" for number in range(9)),
}

MADE = {
    "german, windows-1252": Made(text(GERMAN, "cp1252"), RECORDS["GERMAN"], encoding="cp1252", delimiter=";"),
    "french, UTF-8 with mark": Made(text(FRENCH, "utf-8-sig"), RECORDS["FRENCH"], delimiter=";"),
    "french, windows-1252": Made(text(FRENCH, "cp1252"), RECORDS["FRENCH"], encoding="cp1252", delimiter=";"),
    "spanish, latin-1": Made(text(SPANISH, "latin-1"), RECORDS["SPANISH"], encoding="cp1252"),
    "portuguese": Made(text(PORTUGUESE), RECORDS["PORTUGUESE"], delimiter=";"),
    "italian": Made(text(ITALIAN), RECORDS["ITALIAN"], delimiter=";"),
    "dutch": Made(text(DUTCH), RECORDS["DUTCH"], delimiter=";"),
    "polish, windows-1250": Made(text(POLISH, "cp1250"), RECORDS["POLISH"], encoding="cp1250", delimiter=";"),
    "turkish, windows-1254": Made(text(TURKISH, "cp1254"), RECORDS["TURKISH"], encoding="cp1254", delimiter=";"),
    "chinese, gb18030": Made(text(CHINESE, "gb18030"), RECORDS["CHINESE"], encoding="gb18030"),
    "chinese, UTF-16 big-endian with mark": Made(
        lambda: b"\xfe\xff" + CHINESE.encode("utf-16-be"), RECORDS["CHINESE"], encoding="utf-16-be"
    ),
    "vietnamese": Made(text(VIETNAMESE), RECORDS["VIETNAMESE"]),
    "japanese, shift_jis": Made(text(JAPANESE, "cp932"), RECORDS["JAPANESE"], encoding="cp932"),
    "arabic": Made(text(ARABIC), RECORDS["ARABIC"]),
    "title rows and a total": Made(text(TITLED), RECORDS["TITLED"], skipped=1, first_line=5),
    "tabs, line breaks, the header again": Made(
        text(PAGED, "utf-16"), RECORDS["PAGED"], skipped=1, encoding="utf-16-le", delimiter="\t"
    ),
    "UTF-16 without a mark": Made(
        text(PAGED, "utf-16-le"), RECORDS["PAGED"], skipped=1, encoding="utf-16-le", delimiter="\t"
    ),
    "no header": Made(text(HEADLESS), RECORDS["HEADLESS"], delimiter=";", first_line=1),
    "headers that say nothing, bars": Made(text(ODD_HEADERS), RECORDS["ODD_HEADERS"], delimiter="|"),
    "two languages in the header": Made(text(BILINGUAL), RECORDS["BILINGUAL"]),
    "good rows kept beside bad ones": Made(text(MIXED), RECORDS["MIXED"], bad=[3, 4]),
    "an export with its separator line": Made(text(SAP, "cp1252"), RECORDS["SAP"], delimiter=";", first_line=3),
    "classic Mac line ends": Made(text(ODD_HEADERS.replace("\n", "\r")), RECORDS["ODD_HEADERS"], delimiter="|"),
    "workbook": Made(book(BOOK), RECORDS["BOOK"], skipped=1, encoding=None, delimiter=None, first_line=4),
    "old workbook": Made(
        (FILES / "german.xls").read_bytes, RECORDS["OLD"], encoding=None, delimiter=None, first_line=3
    ),
    "workbook with a cover sheet": Made(book([["Read me"]], PICKED), RECORDS["PICKED"], encoding=None, delimiter=None),
    "workbook with a hidden sheet": Made(
        book(PICKED + PICKED, BOOK, hide_first=True),
        RECORDS["BOOK"],
        skipped=1,
        encoding=None,
        delimiter=None,
        first_line=4,
    ),
    "swedish, title rows": Made(
        text(SWEDISH, "cp1252"), RECORDS["SWEDISH"], encoding="cp1252", delimiter=";", first_line=5
    ),
    "russian, windows-1251": Made(text(RUSSIAN, "cp1251"), RECORDS["RUSSIAN"], encoding="cp1251", delimiter=";"),
    "czech, windows-1250": Made(text(CZECH, "cp1250"), RECORDS["CZECH"], encoding="cp1250", delimiter=";"),
    "indonesian, UTF-16": Made(text(INDONESIAN, "utf-16"), RECORDS["INDONESIAN"], encoding="utf-16-le", delimiter=";"),
    "korean, cp949": Made(text(KOREAN, "cp949"), RECORDS["KOREAN"], encoding="cp949"),
    "title rows, two addresses in a cell": Made(text(NUMBERED), RECORDS["NUMBERED"], first_line=4),
}
