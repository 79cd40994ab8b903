"""Only public unicast is public, however an address is dressed up."""

from ipaddress import IPv4Address, IPv6Address, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncrules.auth.addresses import AddressFilter, embedded, is_public, read_filter
from syncrules.auth.errors import ErrorCode

PRIVATE = [
    "0.0.0.0",
    "10.1.2.3",
    "100.64.0.1",
    "127.0.0.1",
    "169.254.169.254",
    "172.31.0.1",
    "192.168.0.1",
    "224.0.0.1",
]
DISGUISES = [
    lambda four: IPv6Address(b"\0" * 10 + b"\xff\xff" + four.packed),
    lambda four: IPv6Address(b"\0" * 12 + four.packed),
    lambda four: IPv6Address(bytes.fromhex("0064ff9b") + b"\0" * 8 + four.packed),
    lambda four: IPv6Address(bytes.fromhex("0064ff9b0001") + b"\0" * 6 + four.packed),
    lambda four: IPv6Address(bytes.fromhex("2002") + four.packed + b"\0" * 10),
    lambda four: IPv6Address(bytes.fromhex("20010000") + b"\0" * 8 + bytes(255 - byte for byte in four.packed)),
]


@pytest.mark.parametrize("text", PRIVATE)
def test_a_private_address_is_refused_in_every_disguise(text):
    four = IPv4Address(text)
    for address in (four, *(disguise(four) for disguise in DISGUISES)):
        refusal = read_filter(("local",)).refusal(address)
        assert refusal is not None
        assert refusal.code is ErrorCode.ADDRESS_REFUSED


@given(st.ip_addresses(v=4), st.sampled_from(DISGUISES))
def test_a_range_of_ipv4_also_refuses_the_addresses_that_carry_it(four, disguise):
    chosen = read_filter((f"{four}/32",))
    assert four in embedded(disguise(four))
    assert chosen.refusal(disguise(four)) is not None
    assert chosen.refusal(four) is not None


@pytest.mark.parametrize(
    "text",
    ["fec0::1", "fe80::1", "fc00::1", "ff02::1", "::", "::1", "3fff::1", "2001:db8::1", "64:ff9b:1::1"],
)
def test_special_ipv6_is_not_public(text):
    assert not is_public(ip_address(text))


@pytest.mark.parametrize("text", ["8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"])
def test_public_unicast_is_public(text):
    assert is_public(ip_address(text))
    assert read_filter(("local",)).refusal(ip_address(text)) is None


@given(st.ip_addresses(v=4))
def test_what_the_standard_library_calls_private_is_not_public(four):
    if four.is_private or four.is_multicast or four.is_reserved:
        assert not is_public(four)


def test_ipv6_can_be_refused_altogether():
    refusal = AddressFilter(refuses_ipv6=True).refusal(ip_address("2606:4700::1111"))
    assert refusal is not None
    assert refusal.code is ErrorCode.IPV6_REFUSED


@pytest.mark.parametrize("text", ["", "10.0.0.0/33", "everything", "LOCAL", "10.0.0"])
def test_a_range_that_is_none_is_refused(text):
    with pytest.raises(ValueError, match="neither a CIDR range"):
        read_filter((text,))
