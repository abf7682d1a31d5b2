"""Credentials never reach an output; words that only look like them stay."""

import re

import pytest
from conftest import report_of
from hypothesis import given
from hypothesis import strategies as st

from analyzer.mask import HINT, RULES, masked
from analyzer.report import json as as_json
from analyzer.report import terminal

SECRET = "S3cr3tW0rd"
HELD = (
    f"https://deploy:{SECRET}@repo.contoso.com/el7/repodata/repomd.xml: [Errno 14] HTTPS Error 404",
    f'Acquire::http::Proxy "http://svc:{SECRET}@proxy.contoso.com:3128";',
    f"http://{SECRET}@repo.contoso.com/x",
    f"sudo yum --setopt=proxy_password={SECRET} check-update",
    f"subscription-manager register --username a --password {SECRET} --org b",
    f"curl -u deploy:{SECRET} https://repo.contoso.com",
    f"omsadmin.sh -w 00000000-0000-0000-0000-000000000000 -s {SECRET}==",
    f"https://store.blob.core.windows.example/x?sv=2020&sig={SECRET}%3D&se=1",
    f"Authorization: Bearer {SECRET}",
    f"'SharedKey': '{SECRET}'",
    f'"protectedSettings": "{SECRET}"',
    f"AccountKey={SECRET};EndpointSuffix=core",
    f"SUSEConnect --token {SECRET}",
)
KEPT = (
    "sudo: a password is required",
    "[sudo] password for omsagent: ",
    "auth could not identify password for [omsagent]",
    "mscorlib, Version=4.0.0.0, Culture=neutral, PublicKeyToken=b77a5c561934e089",
    "plugin:/susecloud?credentials=SLES",
    "Get:1 http://azure.archive.ubuntu.com/ubuntu jammy InRelease [270 kB]",
    "NO_PUBKEY 0EBFCD88",
    "mail to admin@contoso.com",
    '[Errno 14] curl#58 - "SSL peer rejected your certificate as expired."',
    "[P=openssl,V=1:1.1.1k-6.el8]",
)


@pytest.mark.parametrize("text", KEPT)
def test_what_is_no_credential_stays(text: str) -> None:
    assert masked(text) == text


@pytest.mark.parametrize("text", HELD)
def test_a_credential_is_masked(text: str) -> None:
    assert SECRET not in masked(text)
    assert "***" in masked(text)


@pytest.mark.parametrize("text", HELD)
def test_what_is_masked_stays_so(text: str) -> None:
    assert masked(masked(text)) == masked(text)


WORDS = st.sampled_from(
    [
        "?sig=",
        "&Code=",
        "https://a:b",
        "@c ",
        "PASSWORD=",
        "ſecret: ",
        "to\u212aen=",
        "api_\u212aey:",
        "--x-pwd ",
        "a",
        " ",
        "-u b:c",
    ]
)


@given(st.lists(WORDS | st.text(max_size=4), max_size=8).map("".join))
def test_no_rule_is_left_out_that_would_find_something(text: str) -> None:
    every = text
    for _, pattern, kept in RULES if HINT.search(text) else ():
        every = re.sub(pattern, kept, every)
    assert masked(text) == every


@given(st.text(max_size=300))
def test_masking_never_raises(text: str) -> None:
    assert isinstance(masked(text), str)


@given(st.from_regex(r"[A-Za-z0-9]{8,20}", fullmatch=True), st.sampled_from(["https", "http", "ftp"]))
def test_the_user_of_an_address_is_masked(secret: str, scheme: str) -> None:
    assert f":{secret}@" not in masked(f"x {scheme}://user:{secret}@repo.contoso.com/y z")


def test_no_output_holds_it() -> None:
    log = (
        "2024-03-12 02:00:01> Starting patch assessment...\n"
        f"\tDEBUG: Invoking package manager using: sudo yum --setopt=proxy_password={SECRET} -q check-update\n"
        "2024-03-12 02:00:07> WARNING:- Return code from package manager: 1\n"
        f"2024-03-12 02:00:07> WARNING:- Output from package manager:  |\thttps://deploy:{SECRET}@repo.contoso.com/el7/"
        "repodata/repomd.xml: [Errno 14] HTTPS Error 404 - Not Found |\tTrying other mirror.\n"
    )
    report = report_of(log)
    assert report.diagnoses
    assert SECRET not in as_json.render(report)
    assert SECRET not in terminal.render(report, width=200, color=False)
