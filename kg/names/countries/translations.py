"""The names of ISO 3166 in all languages, as the catalogues of pycountry have them."""

from __future__ import annotations

import gettext
import os
from collections.abc import Iterator

import pycountry


def translations(domain: str, *, transcribed: bool = True) -> Iterator[gettext.NullTranslations]:
    """Yield the English names of a part of ISO 3166, such as "iso3166-1", and those in each other language.

    Unless `transcribed`, those are left out that only transcribe another (sr@latin: Eschen as “Essen”).
    """
    yield gettext.NullTranslations()
    for language in sorted(os.listdir(pycountry.LOCALES_DIR)):
        is_there = gettext.find(domain, pycountry.LOCALES_DIR, [language])
        if is_there and (transcribed or "@" not in language):
            yield gettext.translation(domain, pycountry.LOCALES_DIR, [language])
