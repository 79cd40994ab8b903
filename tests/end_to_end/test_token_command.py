"""`syncrules token …` as a person uses it: keys, tokens, a doctor, a change of keys."""

import json
import stat
from pathlib import Path

import pytest
from tests.end_to_end.test_command import AS_ADA, NOW, TODO, run

TOKEN = TODO / "tokens/ada.jwt"


def ok(*arguments: str, stdin: str = "") -> str:
    done = run("token", *arguments, stdin=stdin)
    assert (done.returncode, done.stderr.count("error")) == (0, 0), done.stderr
    return done.stdout


@pytest.fixture
def issuer(tmp_path: Path) -> Path:
    """A folder with a key pair and a configuration that trusts it."""
    ok("keygen", "--private", str(tmp_path / "key.json"), "--jwks", str(tmp_path / "jwks.json"), "--kid", "first")
    (tmp_path / "auth.yaml").write_text("jwks: jwks.json\naudience: [sync]\n", "utf-8")
    return tmp_path


def minted(issuer: Path, *arguments: str, key: str = "key.json") -> str:
    custom = ("--kind", "custom", "--sub", "ada", "--claim", "aud=sync")
    return ok("mint", "--key", str(issuer / key), *custom, *arguments).strip()


def test_an_accepted_token_passes_every_check() -> None:
    text = ok("inspect", *AS_ADA)
    assert "accepted: user ada00000-0000-4000-8000-000000000001, signed by supabase-secret (HS256)" in text
    assert "failed" not in text
    assert "ada@example.com" not in text


def test_a_refused_token_shows_each_fault_its_code_and_what_to_change() -> None:
    done = run("token", "inspect", "--token", str(TOKEN), "--auth", str(TODO / "auth.yaml"), "--now", "2027-01-01")
    assert done.returncode == 1
    assert "failed   expiry       PSYNC_S2103 token has expired" in done.stdout
    assert "-> get a new token" in done.stdout
    assert done.stdout.rstrip().endswith("refused: PSYNC_S2103: token has expired")


def test_claims_are_printed_only_if_asked_for() -> None:
    found = json.loads(ok("inspect", *AS_ADA, "--json"))
    assert found["accepted"] is True
    assert "payload" not in found
    assert "email" not in json.dumps(found)
    shown = json.loads(ok("inspect", *AS_ADA, "--json", "--show-claims"))
    assert shown["payload"]["email"] == "ada@example.com"
    assert '"email": "ada@example.com"' in ok("inspect", *AS_ADA, "--show-claims")


def test_a_token_is_read_from_a_pipe_and_never_from_an_argument() -> None:
    token = TOKEN.read_text("utf-8")
    assert "accepted" in ok("inspect", "--token", "-", "--auth", str(TODO / "auth.yaml"), *NOW, stdin=token)
    done = run("token", "inspect", "--token", token.strip(), "--auth", str(TODO / "auth.yaml"))
    assert (done.returncode, done.stdout) == (2, "")
    assert token[:20] not in done.stderr


def test_a_configuration_that_cannot_start_names_every_reason(tmp_path: Path) -> None:
    config = tmp_path / "auth.yaml"
    config.write_text("jwks_uri: [file:///x, 'http://']\njwks: {keys: [{kty: oct, alg: HS256, k: AAAA}]}\n", "utf-8")
    done = run("token", "inspect", "--token", str(TOKEN), "--auth", str(config))
    assert done.returncode == 2
    assert [line.partition("]")[0] for line in done.stderr.splitlines()] == [
        "error[PSYNC_S2201",
        "error[PSYNC_S3103",
        "error[PSYNC_S3102",
    ]


def test_made_keys_sign_tokens_that_the_configuration_accepts(issuer: Path) -> None:
    assert "accepted: user ada, signed by static (ES256)" in ok(
        "inspect", "--token", "-", "--auth", str(issuer / "auth.yaml"), stdin=minted(issuer)
    )


def test_a_private_key_is_its_owners_alone_and_is_not_overwritten(issuer: Path) -> None:
    private = issuer / "key.json"
    before = private.read_text("utf-8")
    assert stat.S_IMODE(private.stat().st_mode) == 0o600
    done = run("token", "keygen", "--private", str(private), "--jwks", str(issuer / "jwks.json"))
    assert (done.returncode, private.read_text("utf-8")) == (2, before)
    assert "error[private-file]" in done.stderr
    assert len(json.loads((issuer / "jwks.json").read_text("utf-8"))["keys"]) == 1


def test_keys_rotate_without_a_token_lost(issuer: Path) -> None:
    old = minted(issuer)
    ok("keygen", "--private", str(issuer / "next.json"), "--jwks", str(issuer / "jwks.json"), "--alg", "EdDSA")
    for token in (old, minted(issuer, key="next.json")):
        ok("inspect", "--token", "-", "--auth", str(issuer / "auth.yaml"), stdin=token)
    done = run(
        "token", "keygen", "--private", str(issuer / "x.json"), "--jwks", str(issuer / "jwks.json"), "--kid", "first"
    )
    assert (done.returncode, (issuer / "x.json").exists()) == (2, False)


def test_the_key_set_is_printed_where_no_file_is_named(tmp_path: Path) -> None:
    document = json.loads(ok("keygen", "--private", str(tmp_path / "key.json")))
    assert [sorted(key) for key in document["keys"]] == [["alg", "crv", "key_ops", "kid", "kty", "use", "x", "y"]]


def test_a_minted_token_says_what_was_asked_for(issuer: Path) -> None:
    when = ("--now", "2026-11-25T12:00:00Z", "--expires-in", "60")
    made = json.loads(
        ok("mint", "--key", str(issuer / "key.json"), *when, "--claim", 'app_metadata={"org":"o1"}', "--json")
    )
    claims = made["claims"]
    assert (claims["app_metadata"], claims["iat"], claims["exp"]) == ({"org": "o1"}, 1795608000, 1795608060)
    assert claims["is_anonymous"] is False


@pytest.mark.parametrize("issuer_claim", ["https://abcdefghijklmnopqrst.supabase.co/auth/v1", "https://id.example.com"])
def test_a_token_that_production_might_trust_is_made_only_on_request(issuer: Path, issuer_claim: str) -> None:
    arguments = ("mint", "--key", str(issuer / "key.json"), "--claim", f"iss={issuer_claim}")
    done = run("token", *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert "error[production-issuer]" in done.stderr
    assert ok(*arguments, "--allow-production-issuer").count(".") == 2


def test_a_migration_shows_which_tokens_still_work(issuer: Path) -> None:
    tokens = issuer / "tokens.txt"
    tokens.write_text(f"{TOKEN.read_text('utf-8')}\n{minted(issuer)}\nnot-a-token\n", "utf-8")
    ways = ("--from", str(TODO / "auth.yaml"), "--to", str(issuer / "auth.yaml"))
    done = run("token", "migration", *ways, str(tokens), "--json", *NOW)
    assert done.returncode == 1
    found = json.loads(done.stdout)
    assert [token["effect"] for token in found["tokens"]] == ["lost", "refused", "refused"]
    assert found["tokens"][0]["name"].endswith("tokens.txt:1")
    same = ("--from", str(TODO / "auth.yaml"), "--to", str(TODO / "auth.yaml"))
    assert "1 kept" in ok("migration", *same, str(TOKEN), *NOW)


@pytest.mark.parametrize(
    "arguments",
    [
        ("inspect", "--token", str(TOKEN)),
        ("inspect", "--token", str(TOKEN), "--auth", "no-such-file.yaml"),
        ("inspect", "--token", "no-such-file.jwt", "--auth", str(TODO / "auth.yaml")),
        ("mint",),
        ("mint", "--key", "no-such-file.json"),
        ("mint", "--key", str(TOKEN)),
        ("mint", "--auth", str(TODO / "people.yaml")),
        ("mint", "--auth", str(TODO / "auth.yaml"), "--claim", "novalue"),
        ("keygen",),
        ("keygen", "--alg", "HS256", "--private", "x"),
        ("keygen", "--private", "/no/such/folder/key.json"),
        ("migration", "--from", "a", "--to", "b"),
        ("migration", "--from", "a", "--to", "b", "no-such-file.jwt"),
        ("inspekt",),
    ],
)
def test_bad_input_is_one_line_and_status_2(arguments: tuple[str, ...]) -> None:
    done = run("token", *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("error[")
    assert len(done.stderr.splitlines()) == 1
