"""Made-up lists as buyers send them: other languages, encodings, delimiters, title rows, workbooks."""

import io
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import xlsxwriter

from portal.directory.lists import columns, rows, table
from portal.directory.lists.fields import Field


@dataclass
class Made:
    """A file and what it must be read as: the first record's fields, how many rows are good, and its format."""

    data: Callable[[], bytes]
    first: dict[str, object]
    good: int
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

MADE = {
    "german, windows-1252": Made(
        text(GERMAN, "cp1252"),
        {
            "name": "Nähwerk Größe GmbH",
            "country": "DE",
            "vendor_number": "000417",
            "address": "Am Mühlbach 7a, 01067, Dresden",
            "sector_codes": ("14",),
            "contact_name": "Jörg Übel",
            "contact_email": "j.uebel@naehwerk.example",
            "contact_locale": "de",
        },
        2,
        encoding="cp1252",
        delimiter=";",
    ),
    "french, UTF-8 with mark": Made(
        text(FRENCH, "utf-8-sig"),
        {"name": "Tissages de l'Été SARL", "country": "FR", "sector_codes": ("13",)},
        2,
        delimiter=";",
    ),
    "french, windows-1252": Made(
        text(FRENCH, "cp1252"),
        {"name": "Tissages de l'Été SARL", "address": "3, rue de la Forêt, 59000, Lille"},
        2,
        encoding="cp1252",
        delimiter=";",
    ),
    "spanish, latin-1": Made(
        text(SPANISH, "latin-1"),
        {"name": "Confecciones Ñandú S.A. de C.V.", "country": "MX", "contact_name": "Íñigo Peña"},
        2,
        encoding="cp1252",
    ),
    "portuguese": Made(
        text(PORTUGUESE),
        {
            "name": "Malhas São João Ltda",
            "vendor_number": "F-01",
            "address": "Rua das Flores 9, 89010-000, Blumenau, SC",
        },
        2,
        delimiter=";",
    ),
    "italian": Made(
        text(ITALIAN),
        {"name": "Maglificio Perché S.r.l.", "country": "IT", "contact_email": "maglificio@perche.example"},
        2,
        delimiter=";",
    ),
    "dutch": Made(
        text(DUTCH),
        {"name": "Naaiatelier Zuid B.V.", "vendor_number": "88001", "contact_locale": "nl"},
        2,
        delimiter=";",
    ),
    "polish, windows-1250": Made(
        text(POLISH, "cp1250"),
        {
            "name": "Szwalnia Żółw Sp. z o.o.",
            "country": "PL",
            "address": "ul. Łąkowa 8, 90-001, Łódź",
            "sector_codes": ("14",),
        },
        2,
        encoding="cp1250",
        delimiter=";",
    ),
    "turkish, windows-1254": Made(
        text(TURKISH, "cp1254"),
        {"name": "Güneş Örme Sanayi ve Ticaret A.Ş.", "country": "TR", "contact_name": "Ayşe Yılmaz"},
        2,
        encoding="cp1254",
        delimiter=";",
    ),
    "chinese, gb18030": Made(
        text(CHINESE, "gb18030"),
        {"name": "东莞市蓝天制衣有限公司", "country": "CN", "vendor_number": "GY001", "contact_name": "王芳"},
        2,
        encoding="gb18030",
    ),
    "chinese, UTF-16 big-endian with mark": Made(
        lambda: b"\xfe\xff" + CHINESE.encode("utf-16-be"),
        {"name": "东莞市蓝天制衣有限公司", "sector_codes": ("14",)},
        2,
        encoding="utf-16-be",
    ),
    "vietnamese": Made(
        text(VIETNAMESE), {"name": "Công ty TNHH May Mùa Xuân", "country": "VN", "vendor_number": "NCC-01"}, 2
    ),
    "japanese, shift_jis": Made(
        text(JAPANESE, "cp932"),
        {"name": "株式会社さくら縫製", "country": "JP", "vendor_number": "0012", "sector_codes": ("14",)},
        2,
        encoding="cp932",
    ),
    "arabic": Made(text(ARABIC), {"name": "شركة النيل للملابس", "country": "EG", "sector_codes": ("14",)}, 2),
    "title rows and a total": Made(
        text(TITLED),
        {"name": "Blue Heron Garments Ltd.", "country": "BD", "sector_codes": ("14",), "sector_scheme": "ISIC Rev.4"},
        2,
        skipped=1,
        first_line=5,
    ),
    "tabs, line breaks, the header again": Made(
        text(PAGED, "utf-16"),
        {"name": "Red Kite Knitting", "address": "5, Mill Road Tiruppur Tamil Nadu"},
        2,
        skipped=1,
        encoding="utf-16-le",
        delimiter="\t",
    ),
    "UTF-16 without a mark": Made(
        text(PAGED, "utf-16-le"), {"name": "Red Kite Knitting"}, 2, skipped=1, encoding="utf-16-le", delimiter="\t"
    ),
    "no header": Made(
        text(HEADLESS),
        {
            "name": "Juniper Cloth Co., Ltd.",
            "country": "KH",
            "contact_email": "anna@juniper.example",
            "address": "12 River Street, Phnom Penh",
            "sector_codes": ("14",),
        },
        3,
        delimiter=";",
        first_line=1,
    ),
    "headers that say nothing, bars": Made(
        text(ODD_HEADERS),
        {"name": "Amber Fabrics Ltd", "country": "LK", "contact_email": "one@amber.example"},
        3,
        delimiter="|",
    ),
    "two languages in the header": Made(
        text(BILINGUAL),
        {"name": "Jade River Toys Co Ltd", "country": "CN", "address": "8 Long Road, Building C, Shantou"},
        2,
    ),
    "good rows kept beside bad ones": Made(
        text(MIXED),
        {"name": "Fern Hill Tea Estates", "vendor_number": "0100", "contact_email": None, "external_reference": "OS-1"},
        2,
        bad=[3, 4],
    ),
    "an export with its separator line": Made(
        text(SAP, "cp1252"),
        {"name": "QUARTZ METALS GMBH", "vendor_number": "0000100200", "address": "HAUPTSTR. 1, 70173, STUTTGART"},
        2,
        delimiter=";",
        first_line=3,
    ),
    "classic Mac line ends": Made(
        text(ODD_HEADERS.replace("\n", "\r")), {"name": "Amber Fabrics Ltd"}, 3, delimiter="|"
    ),
    "workbook": Made(
        book(BOOK),
        {"name": "Violet Optics Sdn. Bhd.", "vendor_number": "1234", "country": "MY"},
        2,
        skipped=1,
        encoding=None,
        delimiter=None,
        first_line=4,
    ),
    "old workbook": Made(
        (FILES / "german.xls").read_bytes,
        {"name": "Nähwerk Größe GmbH", "vendor_number": "4711", "country": "DE"},
        2,
        encoding=None,
        delimiter=None,
        first_line=3,
    ),
    "workbook with a cover sheet": Made(
        book([["Read me"]], PICKED), {"name": "Maple Works 0 Ltd", "country": "US"}, 9, encoding=None, delimiter=None
    ),
    "workbook with a hidden sheet": Made(
        book(PICKED + PICKED, BOOK, hide_first=True),
        {"name": "Violet Optics Sdn. Bhd."},
        2,
        skipped=1,
        encoding=None,
        delimiter=None,
        first_line=4,
    ),
}


@pytest.mark.parametrize("made", MADE.values(), ids=MADE.keys())
def test_reads_a_made_file(made: Made) -> None:
    opened = table.read_table(made.data())
    plan = columns.plan_columns(opened)
    read = list(rows.read_rows(opened, plan))
    good = [row for row in read if row.kind is rows.RowKind.OK and row.record]
    shown = [(row.line, row.problems) for row in read if row.kind is rows.RowKind.BAD]
    assert [line for line, _ in shown] == made.bad, shown
    assert len(good) == made.good
    assert sum(row.kind is rows.RowKind.SKIPPED for row in read) == made.skipped
    assert {key: getattr(good[0].record, key) for key in made.first} == made.first
    assert good[0].line == made.first_line
    assert (opened.encoding, opened.delimiter) == (made.encoding, made.delimiter)


def test_there_are_twenty_made_files() -> None:
    assert len(MADE) >= 20


def test_every_guess_has_a_reason_and_a_confidence() -> None:
    for made in MADE.values():
        plan = columns.plan_columns(table.read_table(made.data()))
        assert not plan.missing
        for column in plan.columns:
            assert column.reason
            assert (column.field is not None) == (0.3 <= column.confidence <= 1)


def test_a_sheet_may_be_named() -> None:
    opened = table.read_table(book(BOOK, PICKED)(), sheet="Sheet 1")
    assert opened.sheets == ("Sheet 1", "Sheet 2")
    assert columns.plan_columns(opened).find_columns(Field.NAME)[0].header == "Company"
