"""Text from logs made harmless: what would steer a terminal or turn letters around is written as an escape."""

import json
import re

STEERING = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]"
)
"""C0 and C1 controls, bidi marks and overrides, line separators, invisible signs, lone surrogates, tag characters."""
SURROGATE = re.compile("[\ud800-\udfff]")


def safe(text: str, kept: str = "") -> str:
    """*text* with its steering characters as `\\x1b` or `\\u202e`, but for those *kept*; a tab becomes a space."""
    spaced = text if "\t" in kept else text.replace("\t", " ")
    return STEERING.sub(lambda found: found[0] if found[0] in kept else _escape(found), spaced)


def encodable(text: str) -> str:
    """*text* with its lone surrogates as `\\ud800`, so that UTF-8 can hold it."""
    return text if text.isascii() else SURROGATE.sub(_escape, text)


def safe_json(written: str) -> str:
    """The JSON text *written* with its steering characters in JSON's own escapes: the same data, harmless to print."""
    return written if written.isascii() and "\x7f" not in written else STEERING.sub(_json_escape, written)


def _escape(found: re.Match[str]) -> str:
    code = ord(found[0])
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _json_escape(found: re.Match[str]) -> str:
    return found[0] if found[0] == "\n" else json.dumps(found[0])[1:-1]
