"""The packages of the extra `notebook`, imported when somebody needs them."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from kg.errors import CityKgError


def import_extra(module: str) -> Any:
    """Return a module of pandas or matplotlib. Raises CityKgError where it is not installed."""
    try:
        return import_module(module)
    except ImportError as error:
        raise CityKgError(
            f"Notebooks need {module.partition('.')[0]}, which is not installed.",
            "Install it: pip install 'city-diplomacy-kg[notebook]', in a copy of the project pip install '.[notebook]'",
        ) from error
