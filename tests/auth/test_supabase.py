"""A project is found in the forms that Supabase hands out, and in nothing that looks like them."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncrules.auth.supabase import Connection, find_project, hosted_issuer, project_of_url

REF = "abcdefghijklmnopqrst"
POOLER = "aws-0-eu-central-1.pooler.supabase.com"


@given(st.text(max_size=30), st.text(max_size=30), st.sampled_from(["uri", "hostname"]))
def test_text_around_a_host_never_names_a_project(before, after, kind):
    host = f"{before}db.{REF}.supabase.co{after}"
    connection = (
        Connection("postgresql", hostname=host)
        if kind == "hostname"
        else Connection("postgresql", uri=f"postgresql://postgres:pw@{host}/postgres")
    )
    found = find_project(connection).project
    assert found is None or re.fullmatch("[a-z0-9]{1,40}", found)
    if kind == "hostname" and found is not None:
        assert re.fullmatch(rf"db\.{found}(-rr-[a-z0-9-]+)?\.supabase\.co\.?", host.lower())


@pytest.mark.parametrize(
    "uri",
    [
        f"postgresql://u:p@db.{REF}.supabase.co.evil.example/postgres",
        f"postgresql://u:p@evil.example/db.{REF}.supabase.co",
        f"postgresql://db.{REF}.supabase.co@evil.example/postgres",
        f"postgresql://u:p@evil.example#@db.{REF}.supabase.co/",
        f"postgresql://u:p@db.{REF}.supabase.co/postgres?host=evil.example",
        f"postgresql://u:p@db.{REF}.supabase.co/postgres?hostaddr=10.0.0.1",
        "postgresql://u:p@db.a_b.supabase.co/postgres",
        f"mysql://u:p@db.{REF}.supabase.co/postgres",
        f"postgresql://u:p@db.{REF}.supabase.red/postgres",
        f"postgres://postgres:p@{POOLER}/postgres",
        f"postgres://postgres.short:p@{POOLER}/postgres",
        f"postgres://postgres.{REF}:p@evil.pooler.supabase.com.example/postgres",
        f"postgres://postgres:p@{POOLER}/postgres?options=reference%3D{REF}&options=reference%3D{REF[::-1]}",
        "postgresql://[",
        "postgresql://h:99999999/",
        "\ud800",
    ],
)
def test_a_lookalike_names_no_project(uri):
    assert find_project(Connection("postgresql", uri=uri)).project is None


def test_other_databases_name_no_project():
    assert find_project(Connection("mongodb", hostname=f"db.{REF}.supabase.co")).project is None


@pytest.mark.parametrize(
    ("connection", "notice"),
    [
        (Connection("postgresql", f"postgres://postgres.{REF}:p@{POOLER}:6543/postgres"), "supabase-pooler"),
        (
            Connection("postgresql", f"postgres://p:p@{POOLER}:6543/postgres"),
            "supabase-pooler-without-project",
        ),
        (Connection("postgresql", f"postgres://p:p@{REF}.supabase.co/postgres"), "supabase-api-host"),
        (Connection("postgresql", "postgresql://p:p@127.0.0.1:54322/postgres"), "supabase-local"),
    ],
)
def test_a_doubtful_connection_comes_with_advice_that_holds_no_password(connection, notice):
    found = find_project(connection).notices
    assert notice in [one.code for one in found]
    assert not any(":p@" in one.message for one in found)


def test_a_connection_shows_no_connection_string():
    assert "hush" not in repr(Connection("postgresql", "postgresql://u:hush@h/d"))


@pytest.mark.parametrize(
    ("issuer", "project"),
    [
        (f"https://{REF}.supabase.co/auth/v1", REF),
        (f"https://{REF}.supabase.co/auth/v1/", REF),
        (f"http://{REF}.supabase.co/auth/v1", None),
        (f"https://{REF}.supabase.com/auth/v1", None),
        (f"https://{REF}.supabase.co.evil.example/auth/v1", None),
        (f"https://{REF}.supabase.co/auth/v1\n", None),
        (None, None),
        (["x"], None),
    ],
)
def test_an_issuer_names_a_project_by_its_whole_text(issuer, project):
    assert hosted_issuer(issuer) == project


def test_only_a_projects_own_address_names_it():
    assert project_of_url(f"https://{REF}.supabase.co/") == REF
    assert project_of_url("https://api.example.com") is None
