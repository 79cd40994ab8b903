"""Configurations that cannot work are refused at the start, without a word of their secrets."""

import json
import logging
import tempfile
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from syncrules.auth import AuthConfig, ClientAuth, ConfigError, ErrorCode, Verifier
from syncrules.auth.config_file import read_config_file
from syncrules.auth.trust import load_trust
from tests.auth.signing import CONFIG, NOW, STATIC_KEY, USER, es256, hs256, payload

REF = "abcdefghijklmnopqrst"
DIRECT = {"type": "postgresql", "uri": f"postgresql://postgres:hush-hush@db.{REF}.supabase.co/postgres"}
LOCAL = {"type": "postgresql", "uri": "postgresql://postgres:postgres@127.0.0.1:54322/postgres"}
LONG_SECRET = "a-long-enough-secret-for-hs256-and-nobody-else"
DEFAULT_SECRET = "super-secret-jwt-token-with-at-least-32-characters-long"


def refusal(config: object) -> ConfigError:
    with pytest.raises(ConfigError) as caught:
        Verifier.from_config(config)
    return caught.value


def warnings(connection: dict[str, object] | None = None, **client_auth: object) -> set[str]:
    connections = [] if connection is None else [connection]
    config = {"client_auth": client_auth, "replication": {"connections": connections}}
    return {notice.code for notice in Verifier.from_config(config).warnings}


@pytest.mark.parametrize(
    ("changes", "code", "kind"),
    [
        ({"jwks": {"keys": [{**STATIC_KEY, "k": "AAAA"}]}}, ErrorCode.UNUSABLE_KEY, "hmac-key-too-short"),
        ({"supabase": True, "supabase_jwt_secret": ""}, ErrorCode.UNUSABLE_KEY, "hmac-key-too-short"),
        ({"supabase_jwt_secret": "fifteen-letters"}, ErrorCode.UNUSABLE_KEY, "hmac-key-too-short"),
        ({"jwks": "no-such-file.json"}, ErrorCode.UNUSABLE_KEY, "bad-key-file"),
        ({"jwks_uri": "not a url"}, ErrorCode.NOT_A_URL, "not-a-url"),
        ({"jwks_uri": ["https://"]}, ErrorCode.NOT_A_URL, "not-a-url"),
        ({"jwks_uri": "https://u:hush@h/"}, ErrorCode.NOT_A_URL, "credentials-in-url"),
        ({"jwks_uri": "file:///etc/passwd"}, ErrorCode.NOT_HTTP, "not-http"),
        (
            {"jwks_uri": "http://127.0.0.1/", "jwks_reject_ip_ranges": ["local"]},
            ErrorCode.ADDRESS_REFUSED,
            "refused-address",
        ),
        (
            {"jwks_uri": "http://[::ffff:10.0.0.1]/", "jwks_reject_ip_ranges": ["10.0.0.0/8"]},
            ErrorCode.ADDRESS_REFUSED,
            "refused-address",
        ),
        (
            {"jwks_uri": "http://[2606:4700::1]/", "block_local_jwks": True},
            ErrorCode.IPV6_REFUSED,
            "refused-address",
        ),
        ({"jwks_reject_ip_ranges": ["10/99"]}, ErrorCode.CONFIGURATION, "bad-range"),
        ({"sub_uuid": "maybe"}, ErrorCode.CONFIGURATION, "wrong-value"),
        ({"max_lifetime": 0}, ErrorCode.CONFIGURATION, "wrong-value"),
        ({"max_lifetime": True}, ErrorCode.CONFIGURATION, "wrong-value"),
        ({"audience": "sync"}, ErrorCode.CONFIGURATION, "wrong-value"),
        ({"supabase": "yes"}, ErrorCode.CONFIGURATION, "wrong-value"),
        ({"jwks": {"keys": [1]}}, ErrorCode.CONFIGURATION, "wrong-value"),
    ],
)
def test_what_cannot_work_is_refused_at_the_start(changes, code, kind):
    error = refusal(changes)
    assert (error.code, error.kind) == (code, kind)
    assert "hush" not in str(error)
    assert error.message[:1] == error.message[:1].lower()
    assert not error.message.endswith(".")
    assert "\n" not in error.message


@pytest.mark.parametrize("written", ["https://a.example/k", ["https://a.example/k"], {"uri": "https://a.example/k"}])
def test_a_key_set_can_be_written_as_a_text_a_list_or_a_mapping(written):
    assert ClientAuth.model_validate({"jwks_uri": written}).jwks_uri[0].uri == "https://a.example/k"


def test_the_issuer_of_a_key_set_reaches_the_rules_of_its_keys():
    issuers = [{"uri": "https://a.example/k", "issuer": "https://a.example"}, "https://b.example/k"]
    trust = load_trust({"jwks_uri": issuers, "audience": ["x"]})
    assert [source.issuer for source in trust.remote] == ["https://a.example", None]
    misspelt = {"uri": "https://a.example/k", "isuer": "https://a.example"}
    assert refusal({"jwks_uri": misspelt}).help == "did you mean `issuer`?"


def test_every_reason_is_given_at_once():
    error = refusal({"jwks": {"keys": [{"kty": "oct"}, STATIC_KEY, {"kty": "RSA"}]}, "jwks_uri": "x"})
    assert [problem.message[:5] for problem in error.problems] == ["key 0", "key 2", "key s"]


@pytest.mark.parametrize(
    ("section", "message"),
    [
        ({"audience": "sync"}, "`audience` in `client_auth` must be a list"),
        ({"supabase": "yes"}, "`supabase` in `client_auth` must be true or false"),
        ({"jwks": [1]}, "`jwks` in `client_auth` must be a mapping"),
        ({"jwks": {"keys": [1]}}, "`jwks.keys.0` in `client_auth` must be a mapping"),
        ({"jwks_uri": {"issuer": "x"}}, "`jwks_uri.0.uri` in `client_auth` must be given"),
        ({"client_auth": None}, "`client_auth` must be a mapping"),
    ],
)
def test_a_wrong_value_is_one_problem_in_the_words_of_the_file(section, message):
    error = refusal(section)
    assert [problem.message for problem in error.problems] == [message]


def test_a_key_set_address_without_a_scheme_comes_with_advice():
    for uri in ("localhost:54321/keys", "127.0.0.1:54321/keys", "example.com/keys"):
        assert "https://" in refusal({"jwks_uri": uri}).help


def test_a_local_database_with_a_url_given_is_as_it_should_be():
    assert warnings(LOCAL, supabase=True, supabase_url="http://127.0.0.1:54321") == set()


@pytest.mark.parametrize(
    "text",
    [
        '"key set": 1',
        '"key file": 1',
        "jwks: {keys: [{kty: &a [*a]}]}",
        "jwks: {keys: [{kty: {[1, 2]: 3}}]}",
        "supabase: !!bool x",
        'max_lifetime: !!int ""',
        'a: !!float ""',
    ],
)
def test_what_only_yaml_can_say_is_refused_like_anything_else(text, tmp_path):
    file = tmp_path / "auth.yaml"
    file.write_text(text, "utf-8")
    assert refusal(file).problems


def test_an_unknown_key_comes_with_a_suggestion():
    assert refusal({"audiense": []}).help == "did you mean `audience`?"
    assert refusal({"client_auht": {}}).help == "did you mean `client_auth`?"
    assert refusal({"client_auth": {"jwks_url": "x"}}).help == "did you mean `jwks_uri`?"
    assert "known keys" in (refusal({"zzzz": 1}).help or "")


@pytest.mark.parametrize(
    "document", [None, [], "text", 1, {"client_auth": 1}, {"client_auth": None}, {"replication": {}}]
)
def test_a_document_of_another_shape_is_no_configuration(document, tmp_path):
    path = tmp_path / "auth.yaml"
    path.write_text(json.dumps(document))
    assert refusal(path).code is ErrorCode.CONFIGURATION


def test_a_supabase_url_must_not_contradict_the_database():
    config = {
        "client_auth": {"supabase": True, "supabase_url": f"https://{REF[::-1]}.supabase.co"},
        "replication": {"connections": [DIRECT]},
    }
    assert refusal(config).kind == "supabase-url-contradicts-connection"
    config["client_auth"]["supabase_url"] = "https://api.example.com"
    assert Verifier.from_config(config).warnings == ()


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (warnings, "no-key-source"),
        (lambda: warnings(jwks={"keys": [STATIC_KEY]}), "audience-not-configured"),
        (lambda: warnings(jwks={"keys": [STATIC_KEY]}, audience=[""]), "audience-not-configured"),
        (lambda: warnings(supabase_jwt_secret=LONG_SECRET), "secret-ignored"),
        (lambda: warnings(LOCAL, supabase=True), "supabase-no-project"),
        (lambda: warnings(LOCAL, supabase=True, supabase_jwt_secret=LONG_SECRET), "supabase-no-key-set"),
        (lambda: warnings(LOCAL, supabase=True), "supabase-local"),
        (lambda: warnings(DIRECT), "supabase-not-enabled"),
        (
            lambda: warnings(DIRECT, supabase=True, supabase_jwt_secret="only-22-bytes-of-secret"),
            "weak-hmac-key",
        ),
        (lambda: warnings(DIRECT, supabase=True, supabase_jwt_secret=DEFAULT_SECRET), "published-secret"),
        (lambda: warnings(jwks_uri="http://keys.example.com/", audience=["x"]), "insecure-key-set"),
        (
            lambda: warnings(jwks={"keys": [{**es256().jwk, "d": "AA"}]}, audience=["x"]),
            "private-key-in-jwks",
        ),
        (
            lambda: warnings(
                jwks={"keys": [{**es256().jwk, "kid": "b81269f1-21d8-4f2e-b719-c2240a840d90"}]},
                audience=["x"],
            ),
            "published-signing-key",
        ),
        (lambda: warnings(block_local_jwks=True), "deprecated-key"),
    ],
)
def test_what_is_surely_not_meant_is_warned_of(found, expected):
    assert expected in found()


def test_a_sound_configuration_has_no_warnings():
    assert warnings(DIRECT, supabase=True) == set()
    assert warnings(
        LOCAL, supabase=True, supabase_url="http://127.0.0.1:54321", supabase_jwt_secret=DEFAULT_SECRET
    ) <= {"supabase-local"}
    assert warnings(jwks={"keys": [STATIC_KEY]}, audience=["sync"]) == set()


def test_a_verifier_is_made_from_a_file_a_mapping_or_a_model(tmp_path):
    path = tmp_path / "auth.yaml"
    path.write_text(json.dumps(CONFIG))
    section = ClientAuth.model_validate(CONFIG)
    for config in (
        path,
        str(path),
        CONFIG,
        {"client_auth": CONFIG},
        section,
        AuthConfig(client_auth=section),
    ):
        assert Verifier.from_config(config, now=lambda: NOW).verify(hs256(payload())).user_id == USER


def test_keys_may_stand_in_a_file_beside_the_configuration(tmp_path):
    (tmp_path / "keys.json").write_text(json.dumps({"keys": [STATIC_KEY]}))
    (tmp_path / "auth.yaml").write_text("client_auth:\n  jwks: keys.json\n  audience: [sync]\n")
    assert Verifier.from_config(tmp_path / "auth.yaml", now=lambda: NOW).verify(hs256(payload())).user_id == USER


def test_variables_of_the_environment_are_read_by_their_prefix(tmp_path):
    path = tmp_path / "auth.yaml"
    path.write_text(
        "supabase: !env PS_ON::boolean\nsupabase_jwt_secret: !env PS_SECRET\nmax_lifetime: !env PS_LIFE::number\n"
    )
    environment = {"PS_ON": "true", "PS_SECRET": LONG_SECRET, "PS_LIFE": "3600", "AWS_SECRET": "hush"}
    found = read_config_file(path, environment).client_auth
    assert (found.supabase, found.max_lifetime) == (True, 3600)
    assert found.supabase_jwt_secret is not None
    assert found.supabase_jwt_secret.get_secret_value() == LONG_SECRET
    for line, kind in (
        ("supabase: !env AWS_SECRET", "bad-variable"),
        ("supabase: !env PS_ABSENT", "no-variable"),
        ("supabase: !env PS_SECRET::boolean", "bad-variable"),
        ("supabase: !env [PS_ON]", "not-yaml"),
    ):
        path.write_text(line)
        with pytest.raises(ConfigError) as caught:
            read_config_file(path, environment)
        assert caught.value.kind == kind
        assert LONG_SECRET not in str(caught.value)


@given(st.text(max_size=60) | st.text(" \n:-[]{}&*!|>'\"abc#%@`,?", max_size=60))
@settings(deadline=None)
def test_any_file_is_read_or_refused(text):
    with tempfile.TemporaryDirectory() as folder, suppress(ConfigError):
        path = Path(folder) / "auth.yaml"
        path.write_bytes(text.encode("utf-8", "surrogatepass"))
        Verifier.from_config(path)


@pytest.mark.parametrize(
    "text",
    [
        "a: [" * 5000,
        "a: &a [*a]",
        "&a [*a]",
        "a: 1\na: 2",
        "!!python/object:os.system x",
        "--- a\n--- b",
        "\x00",
    ],
)
def test_a_hostile_file_is_refused(text, tmp_path):
    path = tmp_path / "auth.yaml"
    path.write_text(text)
    assert refusal(path).code is ErrorCode.CONFIGURATION


def test_a_file_that_is_not_there_or_too_large_is_refused(tmp_path):
    assert refusal(tmp_path / "none.yaml").kind == "unreadable-file"
    assert refusal(tmp_path).kind == "unreadable-file"
    (tmp_path / "big.yaml").write_bytes(b" " * 2_000_000)
    assert refusal(tmp_path / "big.yaml").kind == "file-too-large"


def test_no_secret_is_shown_by_model_verifier_error_or_log(caplog):
    caplog.set_level(logging.DEBUG)
    config = {
        "client_auth": {
            "supabase": True,
            "supabase_jwt_secret": LONG_SECRET,
            "jwks": {"keys": [STATIC_KEY]},
            "audience": ["x"],
        },
        "replication": {"connections": [DIRECT]},
    }
    verifier = Verifier.from_config(config)
    model = ClientAuth.model_validate(config["client_auth"])
    broken = refusal({**config["client_auth"], "supabase": LONG_SECRET, LONG_SECRET: 1})
    shown = f"{model!r}{vars(verifier)!r}{verifier.warnings!r}{broken.problems[0]}{caplog.text}"
    assert LONG_SECRET not in shown
    assert str(STATIC_KEY["k"]) not in shown
    assert "hush-hush" not in shown
