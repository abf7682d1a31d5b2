"""The chain of codes of one failure: from the raw cause to the wrapper that hides it."""

from collections.abc import Mapping
from functools import lru_cache

from analyzer.codebook import group_of, role_of

EMPTY_ROLES = frozenset({"wrapper", "routine", "success"})
"""Codes in these roles never explain a failure while another code does."""
VAGUE = frozenset({"", "unexpected"})
UNDER: Mapping[str, frozenset[str]] = {
    "bits": frozenset(
        {"service-disabled", "service-missing", "service-dependency", "service-stop", "access", "missing-file"}
    ),
    "data-store": frozenset({"disk-space", "access", "in-use", "memory"}),
    "connect": frozenset({"timeout", "proxy", "tls", "dns", "no-network"}),
    "timeout": frozenset({"connect", "proxy"}),
    "payload-trust": frozenset({"trust"}),
    "trust": frozenset({"payload-trust"}),
    "policy": frozenset({"service-disabled"}),
    "driver": frozenset({"payload-trust", "trust"}),
}
"""By group of the end: groups whose codes can be the reason beneath it."""


@lru_cache(4096)
def chain_of(seen: tuple[int, ...], ended: tuple[int, ...] = ()) -> tuple[int, ...]:
    """The codes of a failure, raw cause first, wrappers last, each once.

    *seen* are the codes written on the way, in order; *ended* are those that the operation itself ended with, raw
    before mapped. A code seen on the way belongs to the failure if it ended so, if it stands in the same group as the
    end (0x80072EE7 under 0x8024402C), or if the end only wraps and tells nothing of its own.
    """
    ended = tuple(dict.fromkeys(ended))
    telling = [code for code in ended if role_of(code) not in EMPTY_ROLES]
    groups = {group_of(code) for code in telling} - VAGUE
    way = [code for code in dict.fromkeys(seen) if role_of(code) not in EMPTY_ROLES and code not in ended]
    if groups:
        beneath = groups.union(*(UNDER.get(group, ()) for group in groups))
        way = [code for code in way if group_of(code) in beneath]
    wrappers = [code for code in ended if code not in telling]
    return (*way, *telling, *wrappers) or ended
