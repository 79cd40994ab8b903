"""One request for a key set against real servers, most of them hostile."""

import asyncio
import gzip
import json
import socket
import ssl
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from syncrules.auth.addresses import AddressFilter, read_filter
from syncrules.auth.fetch import Fetched, FetchError, KeySetClient
from tests.auth.key_server import document, dripping, endless, key_server, silent, text
from tests.auth.signing import es256


@pytest.fixture
def server():
    with key_server(es256().jwk, cache_control="public, max-age=120") as running:
        yield running


def fetch(uri: str, addresses: AddressFilter | None = None, seconds: float = 5) -> Fetched:
    return asyncio.run(KeySetClient(addresses or AddressFilter(), seconds=seconds).fetch(uri))


def failure(uri: str, addresses: AddressFilter | None = None, seconds: float = 5) -> str:
    with pytest.raises(FetchError) as caught:
        fetch(uri, addresses, seconds)
    return str(caught.value)


def test_a_served_set_comes_with_its_age_and_asks_for_json(server):
    fetched = fetch(server.uri)
    assert ([key.kid for key in fetched.keys.keys], fetched.max_age) == (["es-1"], 120)
    asked = server.requests[0]
    assert asked["accept"] == "application/json, application/jwk-set+json"
    assert "cookie" not in asked
    assert "authorization" not in asked


def test_the_host_header_stays_the_name_though_the_connection_goes_to_an_address(server):
    fetch(server.uri.replace("127.0.0.1", "localhost"))
    assert server.requests[0]["host"].startswith("localhost:")


def _certificate(folder: Path, name: str) -> tuple[Path, ssl.SSLContext]:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    today = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
        .not_valid_before(today - timedelta(days=1))
        .not_valid_after(today + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = folder / f"{name}.pem"
    path.write_bytes(
        made.public_bytes(Encoding.PEM) + key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    return path, context


@pytest.mark.parametrize(
    ("certified", "trusted", "served"),
    [("localhost", True, True), ("localhost", False, False), ("other.example", True, False)],
)
def test_a_certificate_must_be_trusted_and_be_for_the_name(certified, trusted, served, tmp_path, monkeypatch):
    path, context = _certificate(tmp_path, certified)
    if trusted:
        monkeypatch.setattr("certifi.where", lambda: str(path))
    with key_server(es256().jwk, tls=context) as server:
        uri = server.uri.replace("127.0.0.1", "localhost")
        if served:
            assert fetch(uri).keys.keys
        else:
            assert "failed" in failure(uri)
        assert len(server.requests) == served


def test_proxies_of_the_environment_are_not_used(server, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    assert fetch(server.uri).keys.keys


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_redirects_are_not_followed(server, status):
    with key_server(es256().jwk) as other:
        server.reply = text("", status, location=other.uri)
        assert str(status) in failure(server.uri)
        assert other.requests == []


@pytest.mark.parametrize("hostile", [silent, dripping])
def test_the_deadline_is_for_the_whole_transfer(server, hostile):
    server.reply = hostile(server)
    started = time.monotonic()
    assert "within" in failure(server.uri, seconds=0.3) or "in time" in failure(server.uri, seconds=0.3)
    assert time.monotonic() - started < 3


def test_an_answer_without_end_is_cut_off(server):
    server.reply = endless(server)
    assert "larger than" in failure(server.uri)


def test_a_compressed_answer_is_not_unpacked(server):
    bomb = gzip.compress(b" " * 1000).decode("latin-1")
    server.reply = text(bomb, content_encoding="gzip")
    assert "compressed" in failure(server.uri)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("", "not JSON"),
        ("{", "not JSON"),
        ("<!doctype html><title>s3cret</title>", "HTML"),
        ("\ufeff{}", "not JSON"),
        ("[" * 5000, "deep"),
        ('{"keys": NaN}', "not JSON"),
        ("[]", "no list of `keys`"),
        ('{"keys": {"s3cret": 1}}', "no list of `keys`"),
        (json.dumps({"keys": [None] * 101}), "more than 100"),
    ],
)
def test_a_broken_body_is_named_without_a_word_of_it(server, body, reason):
    server.reply = text(body)
    message = failure(server.uri)
    assert reason in message
    assert "s3cret" not in message


@pytest.mark.parametrize("status", [204, 400, 401, 404, 429, 500, 503])
def test_only_status_200_is_an_answer(server, status):
    server.reply = document({"keys": []}, status)
    assert str(status) in failure(server.uri)


def test_a_server_that_is_not_there_is_a_failure_with_a_reason():
    assert "failed" in failure("http://127.0.0.1:9/keys")
    assert "resolved" in failure("http://no-such-host.invalid/keys")


@pytest.mark.parametrize("ranges", [("local",), ("127.0.0.0/8", "::1/128")])
def test_a_name_that_leads_to_a_refused_address_is_not_connected_to(server, ranges):
    message = failure(server.uri.replace("127.0.0.1", "localhost"), read_filter(ranges))
    assert "address" in message
    assert server.requests == []


def test_a_name_that_changes_its_address_after_the_check_gains_nothing(server, monkeypatch):
    asked = []

    def rebinding(host: str, port: int, *rest: int, **options: int) -> object:
        if host != "rebinding.example":
            return look_up(host, port, *rest, **options)
        asked.append(host)
        return look_up("127.0.0.1" if len(asked) == 1 else "127.0.0.2", port, *rest, **options)

    look_up = socket.getaddrinfo
    monkeypatch.setattr("socket.getaddrinfo", rebinding)
    uri = server.uri.replace("127.0.0.1", "rebinding.example")
    assert fetch(uri, read_filter(("127.0.0.2/32",))).keys.keys
    assert len(asked) == 1
    assert "refused range" in failure(uri, read_filter(("127.0.0.2/32",)))


@pytest.mark.parametrize("uri", ["http://[::1", "http://", "nonsense", "http://a b/", "http://\u2603.example:99999/"])
def test_an_address_that_is_none_fails_like_any_other(uri):
    assert failure(uri)
