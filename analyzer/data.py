"""Where the data folders (`grammars`, `codes`) stand: inside the package once installed, beside it in a checkout."""

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable


def folder(name: str) -> "Traversable":
    """The data folder *name*, in a wheel as well as in a checkout."""
    package = Path(__file__).parent
    for place in (package / name, package.parent / name):
        if place.is_dir():
            return place
    from importlib.resources import files  # the package lies in an archive

    return files(__package__) / name
