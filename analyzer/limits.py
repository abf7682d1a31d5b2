"""What may come out of one path: limits against archives that were made to fill a disk or the memory."""

from collections.abc import Callable

DEPTH_LIMIT = 4
"""How deep archives may stand in archives; a compressed tar counts once."""
MEMBERS_LIMIT = 100_000
"""Members in one path of the command line, those of nested archives included."""
MEMBER_LIMIT = 4 << 30
"""Bytes that one member may expand to; a compressed tar as a whole may reach `TOTAL_LIMIT`."""
TOTAL_LIMIT = 16 << 30
"""Bytes that one path may expand to over all its layers; reading a member again costs nothing."""
RATIO_LIMIT = 1000
RATIO_FREE = 16 << 20
"""Below this many bytes no ratio is looked at: small logs of one repeated line pack very well."""
MEMORY_LIMIT = 64 << 20
"""A zip that stands in a compressed stream is held in memory, up to this size."""
XZ_MEMORY_LIMIT = 128 << 20
"""What an xz stream may ask for to be expanded; `xz -9` asks for 65 MiB."""
TAR_HEADER_LIMIT = 64 << 10
DIRECTORY_LIMIT = 32 << 20
"""Bytes of a zip's list of members, which is read into memory as a whole."""

Meter = Callable[[int, int], None]
"""The check of one member, called with the bytes read and the bytes they gave so far; raises BombError."""


class BombError(Exception):
    """A member expands beyond what is allowed; the text says beyond what."""


class Allowance:
    """What one path may still expand to."""

    def __init__(self) -> None:
        self.members, self.bytes = MEMBERS_LIMIT, TOTAL_LIMIT

    def full(self) -> bool:
        """Counts one more member; true if there were too many."""
        self.members -= 1
        return self.members < 0

    def meter(self, limit: int) -> Meter:
        """The check of a member that may expand to *limit* bytes."""
        high = 0

        def check(packed: int, expanded: int) -> None:
            nonlocal high
            self.bytes -= max(0, expanded - high)
            high = max(high, expanded)
            if expanded > limit or self.bytes < 0:
                raise BombError(f"it expands to more than {min(limit, TOTAL_LIMIT) >> 20} MiB")
            if expanded > RATIO_FREE and expanded > RATIO_LIMIT * packed:
                raise BombError(f"it expands to more than {RATIO_LIMIT} times its size")

        return check
