"""Composes the text of one line: prose, digits, dates or diacritics.

Called by make.py with a random generator of the item's own, so that a line depends on the suite's seed and
its id alone. Knows nothing of fonts or images. Every word list was written for this suite.
"""

from __future__ import annotations

import random

CONTENTS = ("prose", "digits", "dates", "diacritics")

ADJECTIVES = ("quiet", "amber", "narrow", "patient", "heavy", "curious", "distant", "wooden", "gentle", "rusty", "early", "bright")
NOUNS = ("harbour", "teacher", "lantern", "cellar", "kitchen", "traveller", "window", "river", "market", "captain", "garden", "motor")
VERBS = ("keeps", "follows", "remembers", "borrows", "repairs", "crosses", "watches", "measures", "forgets", "answers")
ADVERBS = ("slowly", "often", "never", "gladly", "twice", "again", "quickly", "rarely")
PLACES = ("near the old bridge", "before breakfast", "behind the station", "in the rain", "after the storm", "on Sunday", "by the sea")

GOODS = ("Bolts M8", "Paper A4", "Cable 3m", "Filter", "Lamp E27", "Toner", "Gloves XL", "Valve")
CURRENCIES = ("EUR", "USD", "GBP", "CHF")

MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December")
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday")
EVENTS = ("Due", "Signed", "Expires", "Delivered", "Renewed", "Valid until", "Printed")

GIVEN = ("Zoë", "José", "Søren", "François", "Jürgen", "Åsa", "Inés", "Noémie", "Björn", "Begoña", "Héloïse", "Jørgen")
FAMILY = ("Müller", "Núñez", "Kjær", "Lefèvre", "Sjöberg", "Gonçalves", "Grøndal", "Bäcker", "Peña", "Çelik", "Dubé", "Mäkelä")
CITIES = ("Málaga", "Zürich", "Tromsø", "Besançon", "Göteborg", "São Paulo", "Genève", "Köln", "Århus", "La Coruña")
DEEDS = ("lives in", "writes from", "met us in", "moved to", "sells tea in", "was born in")


def compose(content: str, rng: random.Random) -> str:
    """One line of the given content, 12 to about 48 characters; the same generator state gives the same line."""
    return {"prose": _prose, "digits": _digits, "dates": _dates, "diacritics": _diacritics}[content](rng)


def _prose(rng: random.Random) -> str:
    subject, thing = rng.sample(NOUNS, 2)
    return rng.choice(
        (
            f"The {rng.choice(ADJECTIVES)} {subject} {rng.choice(ADVERBS)} {rng.choice(VERBS)} a {thing}.",
            f"A {subject} {rng.choice(VERBS)} the {rng.choice(ADJECTIVES)} {thing}.",
            f"Who {rng.choice(VERBS)} the {subject} {rng.choice(PLACES)}?",
            f"{rng.choice(ADJECTIVES).capitalize()} {subject}, {rng.choice(ADJECTIVES)} {thing}: both {rng.choice(PLACES)}.",
        )
    )


def _digits(rng: random.Random) -> str:
    amount = f"{rng.randint(1, 9)},{rng.randint(0, 999):03d}.{rng.randint(0, 99):02d}"
    count, cents = rng.randint(2, 96), rng.randint(100, 8999)
    code = "".join(rng.choice("ABCDEFGHKLMNPRSTUVWXYZ") for _ in range(3))
    return rng.choice(
        (
            f"Invoice {rng.randint(10000, 99999)} total {rng.choice(CURRENCIES)} {amount}",
            f"{count} x {rng.choice(GOODS)} @ {cents // 100}.{cents % 100:02d} = {count * cents / 100:,.2f}",
            f"Order {code}-{rng.randint(1000, 9999)}/{rng.randint(10, 99)} paid {amount}",
            f"VAT {rng.choice((7, 8, 19, 20, 21))}% on {amount} {rng.choice(CURRENCIES)}",
            f"Ref. {code}{rng.randint(100000, 999999)}-{rng.randint(0, 9)} qty {rng.randint(1, 480)}",
        )
    )


def _dates(rng: random.Random) -> str:
    day, month, year = rng.randint(1, 28), rng.randint(1, 12), rng.randint(1962, 2031)
    clock = f"{rng.randint(0, 23):02d}:{rng.randint(0, 59):02d}"
    return rng.choice(
        (
            f"{rng.choice(EVENTS)} {day} {MONTHS[month - 1]} {year}",
            f"{rng.choice(EVENTS)}: {year}-{month:02d}-{day:02d} {clock}",
            f"{rng.choice(WEEKDAYS)}, {day:02d}/{month:02d}/{year} at {clock}",
            f"{day:02d}.{month:02d}.{year} to {rng.randint(1, 28):02d}.{rng.randint(1, 12):02d}.{year + rng.randint(1, 9)}",
            f"{MONTHS[month - 1]} {day}, {year}, {clock} UTC",
        )
    )


def _diacritics(rng: random.Random) -> str:
    given, family, city = rng.choice(GIVEN), rng.choice(FAMILY), rng.choice(CITIES)
    return rng.choice(
        (
            f"{given} {family} {rng.choice(DEEDS)} {city}.",
            f"{family}, {given} ({city})",
            f"Dear {given} {family}, see you in {city}",
            f"{given} and {rng.choice(GIVEN)} {family}, {city}",
        )
    )
