"""Lines of the Windows Update agent that lost their stamp: known by the part that speaks and by its words."""

import re

from analyzer.events import CODE, FACT, NOTHING, ROUTINE, Said, understand

COMPONENTS = (
    "Agent", "AU", "AUClnt", "AppAU", "Api", "CDM", "COMAPI", "ComApi", "CltUI", "DataStore", "Deployment", "DnldMgr",
    "DownloadManager", "Driver", "DtaStor", "EEHandler", "EEHndlr", "EP", "EndpointProvider", "Eventer", "Handler",
    "IdleTimer", "IdleTmr", "Inv", "MSI", "Metadata", "Misc", "OfflSnc", "PT", "Parser", "ProtocolTalker", "Report",
    "Reporter", "SHUTDWN", "SLS", "Service", "Setup", "SetupUI", "Shared", "Shutdwn", "StateChange", "UDP", "WIL", "WS",
    "WUWeb", "WebServices", "WuTask",
)  # fmt: skip
"""What the agent calls its parts, in both formats."""
NAMES = "|".join(sorted(COMPONENTS, key=len, reverse=True))
LEVEL = r"(?:WARNING|FATAL):|\*FAILED\*"
SAYS = re.compile(
    rf"(?<![\w.])(?:{NAMES})(?=[ \t]+(?:[*#=+:-]{{1,2}}[ \t]+)?(?:{LEVEL}|\*\*?[ \t]*(?:START|END)|\*{{5,}}|#{{5,}}))"
)
"""A component and what only it says: where lines without stamps run together, the next one begins there."""
FRONT = re.compile(r"(?:[\s>|\u2022\u00b7\u2013]|//|#[ \t]|-[ \t](?=\S)|</?[a-z][^<>]{0,200}>|\d{1,3}[.):][ \t])*")
"""What mails, lists and pages set before a line."""
BARE = re.compile(
    rf"(?P<ids>[0-9A-F]{{2,8}}[ \t]+[0-9A-F]{{2,8}}[ \t]+)?"
    rf"(?:(?P<component>{NAMES})(?:[ \t]+--?)?(?P<gap>[ \t]+))?(?P<text>\S.*)\Z"
)
MARK = re.compile(rf"(?:[*#=+:]+[ \t]+)?(?:{LEVEL})|\*\*[ \t]*(?:START|END)\b|\*[ \t]+(?:START|END)[ \t]+\*")
WORDS = frozenset({"soap-parameter", "soap-error", "endpoint"})
"""What a server answers, or is asked, in words that nothing else has."""
LONGEST = 1 << 16
"""Characters of a line that are looked at."""


def uncovered(text: str) -> str:
    """*text* without what a mail, a list or a page set before it."""
    return FRONT.sub("", text, count=1)


def bare(text: str) -> Said:
    """What a line without a stamp means: with a code if a part of the agent or a level stands before it; else NOTHING.

    Without either it means something only if its words are a known message that names a code, frames an operation, or
    is a server's own word of what was wrong.
    """
    found = BARE.match(uncovered(text[:LONGEST]))
    if found is None:
        return NOTHING
    component, body = found["component"] or "", found["text"]
    said = understand(component, body)
    if component and not is_known(said) and is_known(whole := understand("", component + found["gap"] + body)):
        component, said = "", whole  # the message begins with a word that is a part's name too
    if MARK.match(body) or (component and (is_known(said) or found["ids"] or len(found["gap"].expandtabs(8)) > 1)):
        return said if said.kind else NOTHING
    framed = said.codes or said.kind.endswith(("-started", "-ended")) or said.kind in WORDS
    return said if is_known(said) and said.kind != FACT and framed else NOTHING


def speaks(text: str) -> bool:
    """Whether a line without a stamp is surely the agent's: a part or a level, and known words or a code behind it."""
    found = BARE.match(uncovered(text[:LONGEST]))
    if found is None or not (found["component"] or MARK.match(found["text"])):
        return False
    said = bare(text)
    return is_known(said) or bool(said.codes)


def is_known(said: Said) -> bool:
    """Whether it is a message of the grammar, and not only a text with a code."""
    return said.kind not in ("", CODE, ROUTINE)
