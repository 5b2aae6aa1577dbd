"""SimpleITK, of the extra `registration`: asked for here alone, so that one sentence says what to install."""

from __future__ import annotations

import importlib
from importlib.util import find_spec
from typing import Any

from ..errors import MissingExtra

__all__ = ["need_simpleitk", "simpleitk"]


def need_simpleitk(what: str) -> None:
    """See that it is installed, without loading it.

    Parameters
    ----------
    what : str
        The sentence that says what was not done without it.

    Raises
    ------
    MissingExtra
        It is not.
    """
    if find_spec("SimpleITK") is None:
        raise MissingExtra(
            what,
            "It needs SimpleITK, which is not installed.",
            'Install it: python -m pip install "overread[registration]".',
        )


def simpleitk(what: str) -> Any:
    """The library, loaded when it is first needed; `need_simpleitk` says what `what` is and what is raised."""
    need_simpleitk(what)
    return importlib.import_module("SimpleITK")
