"""Which network addresses key sets may be fetched from.

An IPv6 address can carry an IPv4 address inside (mapped, translated, tunnelled); both are judged.
`local` refuses whatever is not public unicast; the standard library's `is_global` lets too much through.
"""

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final

from syncrules.auth.errors import ErrorCode
from syncrules.auth.quoting import quoted

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

LOCAL: Final = "local"

_NOT_PUBLIC_V4: Final = tuple(
    IPv4Network(text)
    for text in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.31.196.0/24",
        "192.52.193.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "192.175.48.0/24",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
    )
)
_GLOBAL_UNICAST: Final = IPv6Network("2000::/3")
_NOT_PUBLIC_V6: Final = tuple(
    IPv6Network(text) for text in ("2001::/23", "2001:db8::/32", "2002::/16", "2620:4f:8000::/48", "3fff::/20")
)
_MAPPED: Final = IPv6Network("::ffff:0:0/96")
_COMPATIBLE: Final = IPv6Network("::/96")
_TRANSLATED: Final = IPv6Network("64:ff9b::/96")
_TRANSLATED_LOCALLY: Final = IPv6Network("64:ff9b:1::/48")


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why an address must not be connected to."""

    code: ErrorCode
    message: str


@dataclass(frozen=True, slots=True)
class AddressFilter:
    """The ranges that are refused; whether everything but public unicast is; whether IPv6 is."""

    ranges: tuple[Network, ...] = ()
    refuses_local: bool = False
    refuses_ipv6: bool = False

    def refusal(self, address: Address) -> Refusal | None:
        """Why `address` must not be connected to, or None.

        >>> AddressFilter((ip_network("10.0.0.0/8"),)).refusal(ip_address("::ffff:10.1.2.3")).code.value
        'PSYNC_S2203'
        """
        if self.refuses_ipv6 and isinstance(address, IPv6Address):
            return Refusal(ErrorCode.IPV6_REFUSED, f"IPv6 address {quoted(str(address))} is refused")
        forms = (address, *embedded(address))
        if self.refuses_local and not is_public(address):
            return Refusal(ErrorCode.ADDRESS_REFUSED, f"address {quoted(str(address))} is not public")
        if any(form in network for form in forms for network in self.ranges):
            return Refusal(ErrorCode.ADDRESS_REFUSED, f"address {quoted(str(address))} is in a refused range")
        return None


def read_filter(ranges: tuple[str, ...]) -> AddressFilter:
    """A filter of CIDR ranges and `local`. Raises ValueError naming the text that is neither."""
    networks: list[Network] = []
    for text in ranges:
        if text != LOCAL:
            try:
                networks.append(ip_network(text, strict=False))
            except ValueError:
                msg = f"{quoted(text)} is neither a CIDR range nor `{LOCAL}`"
                raise ValueError(msg) from None
    return AddressFilter(tuple(networks), LOCAL in ranges)


def literal(host: str) -> Address | None:
    """The address that a URL's host is, if it is one and not a name."""
    try:
        return ip_address(host.strip("[]"))
    except ValueError:
        return None


def is_public(address: Address) -> bool:
    """Whether an address is public unicast, looking through translated ones.

    >>> [is_public(ip_address(text)) for text in ("8.8.8.8", "64:ff9b::7f00:1", "2002:7f00:1::")]
    [True, False, False]
    """
    match address:
        case IPv4Address():
            return not any(address in network for network in _NOT_PUBLIC_V4)
        case IPv6Address() if address in _MAPPED or address in _TRANSLATED:
            return is_public(_last_bits(address))
        case IPv6Address():
            return address in _GLOBAL_UNICAST and not any(address in network for network in _NOT_PUBLIC_V6)


def embedded(address: Address) -> tuple[IPv4Address, ...]:
    """The IPv4 addresses that an IPv6 address carries.

    >>> embedded(ip_address("2002:7f00:1::"))
    (IPv4Address('127.0.0.1'),)
    """
    if isinstance(address, IPv4Address):
        return ()
    if any(address in network for network in (_MAPPED, _COMPATIBLE, _TRANSLATED)):
        return (_last_bits(address),)
    if address in _TRANSLATED_LOCALLY:
        # RFC 6052 splits the address around an octet of zeros under /48; /96 inside it is usual too.
        packed = address.packed
        return (_last_bits(address), IPv4Address(packed[6:8] + packed[9:11]))
    if address.sixtofour is not None:
        return (address.sixtofour,)
    return address.teredo or ()


def _last_bits(address: IPv6Address) -> IPv4Address:
    return IPv4Address(address.packed[-4:])
