"""Where the data folders (`grammars`, `codes`) stand: inside the package once installed, beside it in a checkout."""

from importlib.resources import files
from importlib.resources.abc import Traversable


def folder(name: str) -> Traversable:
    """The data folder *name*, in a wheel as well as in a checkout."""
    package = files(__package__)
    inside = package / name
    return inside if inside.is_dir() else package / ".." / name
