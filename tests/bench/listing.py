"""A made-up supplier list as firms keep them: numbers, names with legal forms, addresses, trades, some contacts."""

import csv
from collections.abc import Iterator
from pathlib import Path

from portal.demo import naming

HEADER = ("Vendor No.", "Supplier name", "Country", "Street", "City", "Sector", "Contact name", "E-mail")
PLACES = (
    ("Vietnam", "Lê Lợi", "Đà Nẵng"),
    ("Bangladesh", "Mill Road", "Dhaka"),
    ("India", "Station Road", "Tiruppur"),
    ("China", "Jiefang Lu", "Ningbo"),
    ("Türkiye", "Atatürk Caddesi", "İzmir"),
    ("Germany", "Hauptstraße", "Köln"),
    ("Portugal", "Rua da Fábrica", "Guimarães"),
    ("Mexico", "Av. Juárez", "Puebla"),
)
TRADES = ("Textile", "Garment", "Metal Works", "Leather", "Plastics", "Packaging", "Footwear")
FORMS = ("Co., Ltd.", "Ltd", "Pvt. Ltd.", "GmbH", "S.A. de C.V.", "Lda.", "A.Ş.", "JSC")
SECTORS = ("Manufacture of textiles", "14", "Manufacture of leather and related products", "C25", "Packaging")


def write_list(file: Path, rows: int) -> None:
    """A CSV file with so many suppliers, each another one."""
    with file.open("w", encoding="utf-8", newline="") as target:
        writer = csv.writer(target)
        writer.writerow(HEADER)
        writer.writerows(make_rows(rows))


def make_rows(count: int) -> Iterator[tuple[str, ...]]:
    """Rows of a list; three of four name somebody to write to."""
    words = list(naming.draw_words())
    for number in range(count):
        turn, first = divmod(number, len(words))
        second = words[(first * 37 + turn * 101) % len(words)]  # another one each time the first word comes again
        country, street, city = PLACES[number % len(PLACES)]
        name = f"{words[first]} {second} {TRADES[number % len(TRADES)]} {FORMS[number // 3 % len(FORMS)]}"
        email = f"sales@{words[first]}-{second}.example".lower() if number % 4 else ""
        person = naming.name_person(number % 500) if email else ""
        yield (
            f"V{number:06}", name, country, f"{street} {1 + number % 400}", city, SECTORS[number % len(SECTORS)],
            person, email,
        )  # fmt: skip
