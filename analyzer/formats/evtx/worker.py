"""Event 4502 of the monitoring agent: whether it is the hybrid worker that could not register, and why.

The layout of its strings is not documented, so all of them are searched, with any white space after the dots.
"""

import re
from collections.abc import Mapping

from analyzer.formats.evtx.record import Logged

CHANNEL = "operations manager"
CLASS = re.compile(
    r"Microsoft\.\s*EnterpriseManagement\.\s*HealthService\.\s*AzureAutomation\.\s*HybridAgent", re.IGNORECASE
)
MODULE = re.compile(r'module of type "([^"]+)"', re.IGNORECASE)
RULE = re.compile(r'(?:part of rule|rule) "([^"]+)"', re.IGNORECASE)
EXCEPTION = re.compile(r"(?:\w+\.\s*)+\w*Exception\b")
INNER = re.compile(r"\s*-+>\s*")
RUNNING = re.compile(r"\s*which was running as part of rule.*", re.DOTALL | re.IGNORECASE)

VARIANTS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (name, re.compile(pattern, re.IGNORECASE | re.DOTALL))
    for name, pattern in (
        ("already-registered", r"already\s+registered\s+to\s+a\s+different\s+account"),
        ("self-signed", r"failed\s+to\s+create\s+a\s+self-signed\s+certificate"),
        ("no-common-algorithm", r"do\s+not\s+possess\s+a\s+common\s+algorithm"),
        (
            "certificate-not-microsofts",
            r"was\s+not\s+issued\s+by\s+a\s+certificate\s+authority\s+used\s+for\s+Microsoft\s+services",
        ),
        ("not-json", r"JsonReaderException|error\s+parsing\s+positive\s+infinity"),
        ("access-denied", r"E_ACCESSDENIED|0x80070005|access\s+is\s+denied|toegang\s+(?:is\s+)?geweigerd"),
    )
)
"""What the message says, in the order in which it is looked for."""


def told_by_4502(logged: Logged) -> tuple[str, Mapping[str, str]]:
    """Kind and fields of a 4502: the worker's registration, or another module of the agent."""
    whole = "\n".join((*logged.strings, logged.message))
    if not CLASS.search(whole):
        module = MODULE.search(whole)
        rule = RULE.search(whole)
        return "agent-module-failed", {
            "module": module[1] if module else "",
            "rule": rule[1] if rule else "",
            "cause": _innermost(_exceptions(logged)),
        }
    thrown = _exceptions(logged)
    variant = next((name for name, pattern in VARIANTS if pattern.search(whole)), "other")
    return "worker-registration-failed", {"variant": variant, "chain": thrown, "cause": _innermost(thrown)}


def _exceptions(logged: Logged) -> str:
    """The exception and those inside it, as the first string that tells of one has them."""
    for text in (*logged.strings, logged.message):
        plain = RUNNING.sub("", text)
        start = EXCEPTION.search(plain)
        if start is not None:
            return " ".join(plain[start.start() :].split())
    return " ".join(max((*logged.strings, logged.message), key=len, default="").split())


def _innermost(thrown: str) -> str:
    """The last exception of a chain, the one that was thrown first."""
    return INNER.split(thrown)[-1].strip()
