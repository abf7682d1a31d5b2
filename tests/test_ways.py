"""What people see of the way to an update: firewall rules, login pages, packet sizes, filters, gateways, VPN."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_hoststate import kinds, meant, only

RULE = "Rule Name:   Stop\nEnabled:     {on}\nDirection:   {way}\nProgram:     {what}\nAction:      {act}\n"
SVCHOST = "C:\\Windows\\System32\\svchost.exe"
HTTPERR = "2024-02-20 08:10:04 192.0.2.60 50112 192.0.2.31 8530 HTTP/1.1 POST {path} 503 1 QueueFull WsusPool"
PING = "Pinging 192.0.2.9 with {size} bytes of data:\n"
ADAPTER = "Windows IP Configuration\n\n   Host Name . . . . : PC7\n\n"
ADAPTER += "Ethernet adapter A:\n\n   IPv4 Address. . . : 192.0.2.45\n"


# ---- near misses ----


@pytest.mark.parametrize(
    "text",
    [
        RULE.format(on="No", way="Out", what=SVCHOST, act="Block"),
        RULE.format(on="Yes", way="In", what=SVCHOST, act="Block"),
        RULE.format(on="Yes", way="Out", what=SVCHOST, act="Allow"),
        RULE.format(on="Yes", way="Out", what="C:\\Games\\game.exe", act="Block"),
        "Firewall Policy                       BlockInbound,AllowOutbound",
        HTTPERR.format(path="/shop/cart.aspx"),
        "C:\\>curl -v http://www.example.org/\n< HTTP/1.1 302 Found\n< Location: https://login.example.org/",
        "C:\\>curl -v http://www.msftconnecttest.com/\n< HTTP/1.1 302 Found\n< Location: http://go.microsoft.com/fwlink",
        'hostname="download.windowsupdate.com" action="passthrough"',
        'hostname="games.example.org" action="blocked"',
        "1708416607.1 0 192.0.2.77 TCP_DENIED/407 3911 GET http://download.windowsupdate.com/x.cab - HIER_NONE/-",
        "Unassigned Computers",
        "Target group: (Unassigned Computers) is what the log says",
        "shall we run wsusutil postinstall?",
        "    Cost                   : Unrestricted",
    ],
)
def test_what_looks_alike_means_nothing(text: str) -> None:
    assert not [kind for kind in kinds(text) if kind != "fact"]


def test_a_packet_that_no_ethernet_takes_is_no_finding() -> None:
    text = "C:\\>ping -f -l 1500 192.0.2.9\n\n" + PING.format(size=1500) + "Packet needs to be fragmented but DF set.\n"
    assert "packet-too-large" not in kinds(text)


def test_a_second_adapter_without_gateway_is_none_missing() -> None:
    text = ADAPTER + "   Default Gateway . : 192.0.2.1\n\nEthernet adapter B:\n\n   Default Gateway . :\n"
    assert [event.fields["value"] for event in meant(text) if event.fields.get("name") == "default-gateway"] == [
        "192.0.2.1"
    ]


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=200))
def test_any_text_is_read(text: str) -> None:
    assert kinds(text) is not None


# ---- what is meant ----


@pytest.mark.parametrize(
    ("way", "act", "on"), [("Out", "Block", "Yes"), ("Ausgehend", "Blocken", "Ja"), ("Uit", "Blokkeren", "Ja")]
)
def test_a_rule_that_blocks_in_several_languages(way: str, act: str, on: str) -> None:
    found = only(RULE.format(on=on, way=way, what=SVCHOST, act=act), "firewall-blocks")
    assert found == {"rule": "Stop", "what": SVCHOST}


def test_nothing_goes_out_by_default() -> None:
    assert only("Firewallrichtlinie      BlockInbound,BlockOutbound", "firewall-blocks")["what"] == "everything"


def test_the_queue_of_a_pool() -> None:
    found = only(HTTPERR.format(path="/ClientWebService/client.asmx"), "iis-queue")
    assert found == {"status": "503", "reason": "queuefull", "pool": "WsusPool"}


def test_a_login_page() -> None:
    text = "C:\\>curl -v http://www.msftconnecttest.com/connecttest.txt\n> GET /connecttest.txt HTTP/1.1\n"
    text += "> Host: www.msftconnecttest.com\n>\n< HTTP/1.1 302 Found\n< Location: https://guest.example.org/login\n"
    assert only(text, "portal-redirect") == {"host": "guest.example.org"}


@pytest.mark.parametrize(
    ("lines", "answered"), [("Request timed out.\n", "no"), ("Reply from 192.0.2.9: bytes=1452 time=12ms\n", "yes")]
)
def test_the_size_of_a_ping(lines: str, answered: str) -> None:
    found = only("C:\\>ping -l 1452 192.0.2.9\n\n" + PING.format(size=1452) + lines, "ping")
    assert found == {"bytes": "1452", "size": "large", "answered": answered}


def test_a_gateway_that_is_not_there_and_a_vpn_that_is_apart() -> None:
    text = (
        ADAPTER
        + "   Default Gateway . :\n\nUnknown adapter Contoso VPN:\n\n   Media State . . . : Media disconnected\n"
    )
    found = {event.fields["name"]: event.fields["value"] for event in meant(text) if event.kind == "fact"}
    assert (found["default-gateway"], found["vpn"]) == ("", "disconnected")
