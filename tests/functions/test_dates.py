"""unixepoch and datetime against SQLite itself, and against values that deployed services give."""

import os
import time
from collections.abc import Iterator

import apsw
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from syncrules import Semantics
from syncrules.functions.dates import DATES
from syncrules.values.julian import date_of_days, date_of_julian, days_of, days_past_month, julian_of
from syncrules.values.value import EvaluationError, SqlValue
from tests.functions.evaluate import Failed, value_of

UNIXEPOCH, DATETIME = DATES["unixepoch"], DATES["datetime"]
DATABASE = apsw.Connection(":memory:")


@pytest.fixture(autouse=True, scope="module")
def _utc() -> Iterator[None]:
    """SQLite takes `localtime` from the process, which the comparison needs to be in UTC."""
    yield from in_zone("UTC0")


def in_zone(zone: str) -> Iterator[None]:
    before = os.environ.get("TZ")
    os.environ["TZ"] = zone
    time.tzset()
    yield
    if before is None:
        del os.environ["TZ"]
    else:
        os.environ["TZ"] = before
    time.tzset()


def in_sqlite(arguments: tuple[SqlValue, ...]) -> tuple[SqlValue, SqlValue]:
    marks = ", ".join("?" * len(arguments))
    query = f"SELECT unixepoch({marks}), datetime({marks})"
    return DATABASE.execute(query, arguments + arguments).fetchone()


def ours(arguments: tuple[SqlValue, ...], semantics: Semantics = Semantics.SQLITE) -> tuple[SqlValue, SqlValue]:
    return (
        UNIXEPOCH.implementation(semantics)(*arguments),
        DATETIME.implementation(semantics)(*arguments),
    )


def padded(*bounds: tuple[int, int], between: str) -> st.SearchStrategy[str]:
    parts = [st.integers(low, high).map(lambda number: f"{number:02d}") for low, high in bounds]
    return st.tuples(*parts).map(between.join)


years = st.one_of(st.integers(0, 9999), st.sampled_from([0, 1900, 1969, 1970, 2000, 2027, 2028, 2037, 2038, 9999]))
dates = st.builds(
    "{:04d}-{}".format, years, st.one_of(padded((0, 13), (0, 32), between="-"), padded((1, 12), (28, 31), between="-"))
)
zones = st.sampled_from(
    ["", "", "", "Z", " z", "+02:00", " -11:30 ", "+14:59", "+15:00", "+00:00", "+0200", "+02", " "]
)
clocks = st.builds(
    "{}{}{}".format,
    st.one_of(padded((0, 25), (0, 60), between=":"), padded((0, 25), (0, 60), (0, 60), between=":"), st.just("24:00")),
    st.one_of(st.just(""), st.from_regex(r"\.[0-9]{0,7}", fullmatch=True)),
    zones,
)
times = st.one_of(
    dates,
    clocks,
    st.builds("{}{}{}".format, dates, st.sampled_from([" ", "T", "  ", "T ", "", "t", "/"]), clocks),
)
numbers = st.one_of(
    st.integers(-10, 5373490),
    st.integers(-(2**63), 2**63 - 1),
    st.integers(-210_866_760_010, 253_402_300_810),
    st.floats(-10, 5373490),
    st.floats(-210_866_760_010, 253_402_300_810),
    st.floats(allow_nan=False),
    st.sampled_from([5373484.4999999, 5373484.5, 253402300799.9996]),
)
scraps = st.one_of(st.text("0123456789-+:. TZezaé\0", max_size=12), st.binary(max_size=4), st.none())
values = st.one_of(times, numbers, numbers.map(str), times.map(str.encode), scraps).filter(
    lambda value: str(value).lower() not in {"now", "subsec", "subsecond"}
)
amounts = st.one_of(
    st.integers(-1500, 1500).map(lambda number: f"{number:+d}"),
    st.floats(-1500, 1500).map(lambda number: f"{number:+.3f}"),
    st.sampled_from(["1", "0.5", "+.5", ".5", "-2.", "1e2", "-1e-3", "+-1"]),
)
modifiers = st.one_of(
    st.sampled_from(
        "auto julianday unixepoch utc localtime subsec subsecond ceiling floor AUTO Subsec nonsense".split()
        + ["start of day", "start of month", "start of year", "Start Of Month", "start of week", ""]
    ),
    st.builds("weekday {}".format, st.one_of(st.integers(-8, 8), st.sampled_from(["1.0", "1.5", "-0", " 2 ", "x"]))),
    st.builds(
        "{}{}{}".format,
        amounts,
        st.sampled_from([" ", "  ", ""]),
        st.sampled_from("day days month months year years hour hours minute second secondss DAYS da".split()),
    ),
    st.builds(
        "{}{:04d}-{}{}".format,
        st.sampled_from(["+", "-", ""]),
        st.integers(0, 1500),
        padded((0, 12), (0, 31), between="-"),
        st.one_of(st.just(""), clocks.map(" {}".format)),
    ),
    st.builds("{}{}".format, st.sampled_from(["+", "-", ""]), clocks),
    st.sampled_from([None, 5, 1.5, b"+1 day"]),
)


@settings(max_examples=3000, deadline=None)
@given(values, st.lists(modifiers, max_size=3))
@example("2027-02-30", ["subsec"])
@example("2027-02-30", ["floor"])
@example("2024-01-31", ["+1 month", "floor"])
@example("2100-02-31", ["localtime"])
@example("2027-06-05 24:00", ["start of day"])
@example("24:00", ["start of day"])
@example("2027-06-05", ["subsec", "utc"])
@example("2027-06-05", ["weekday -0"])
@example("-4713-04-30", ["utc", "utc"])
@example("2000-01-01", ["+5373484 days", "utc", "utc"])
@example(1759276800.75, ["auto", "subsec"])
@example(9.3e7, ["auto"])
def test_every_time_and_modifier_means_what_it_means_to_sqlite(value: SqlValue, after: list[SqlValue]) -> None:
    # An impossible time that `utc` or `localtime` makes possible again has no value that anyone could mean.
    steps = [in_sqlite((value, *after[: count + 1])) for count in range(len(after))]
    assume(all(step[0] is not None for step in steps[:-1]) or steps[-1][0] is None)
    found, wanted = ours((value, *after)), in_sqlite((value, *after))
    assert [(type(one), one) for one in found] == [(type(one), one) for one in wanted]


@pytest.mark.parametrize("value", ["now", "NOW", "subsec", "subsecond"])
def test_the_current_time_is_an_error_of_the_row_because_rules_have_no_clock(value: str) -> None:
    for function in (UNIXEPOCH, DATETIME):
        with pytest.raises(EvaluationError, match="no clock"):
            function.sqlite(value)
        assert function.powersync(value) is None
    found = value_of("datetime(d)", {"d": value}, Semantics.SQLITE)
    assert isinstance(found, Failed)
    assert found.at == "row"


def test_local_time_is_utc_whatever_the_zone_of_the_machine() -> None:
    here = in_zone("XXX-7")
    next(here)
    try:
        for modifier in ("localtime", "utc"):
            assert ours(("2027-06-05 04:03", modifier)) == ours(("2027-06-05 04:03",))
            assert in_sqlite(("2027-06-05 04:03", modifier)) != ours(("2027-06-05 04:03",))
    finally:
        next(here, None)


@settings(max_examples=2000, deadline=None)
@given(
    st.one_of(scraps, st.text(max_size=30), st.text("0123456789-+:/. TZjuneampgt()", max_size=30), times, numbers),
    st.lists(st.one_of(modifiers, st.text(max_size=12)), max_size=3),
    st.sampled_from(Semantics),
)
def test_whatever_is_given_the_answer_is_a_value_or_an_evaluation_error(
    value: SqlValue, after: list[SqlValue], semantics: Semantics
) -> None:
    try:
        seconds, text = ours((value, *after), semantics)
    except EvaluationError:
        return
    assert seconds is None or type(seconds) in (int, float)
    assert text is None or type(text) is str
    assert (seconds is None) == (text is None)


@pytest.mark.parametrize("semantics", list(Semantics))
@pytest.mark.parametrize("piece", ["(", "1", "0", " ", "+", ":", "z", "jan ", "1:", "9.", "-"])
@pytest.mark.timeout(60)
def test_long_texts_are_answered_without_going_over_them_again_and_again(piece: str, semantics: Semantics) -> None:
    for before in ("", "2027-06-05 ", "2027-06-05 04:03", "2027-06-05 04:03:02.", "+", "+0001-01-01 04:03"):
        for after in ("", "x"):
            assert len(ours((before + piece * 100_000 + after,), semantics)) == 2
            assert len(ours(("2027-06-05", before + piece * 100_000 + after), semantics)) == 2


# What a deployed service gives for `datetime(d, 'subsec')`, by black-box runs.
SERVICE = {
    "+5": "2001-05-01 00:00:00.000",
    "5.": "-4713-11-29 12:00:00.000",
    "-5.5": "2001-05-05 00:00:00.000",
    " 2461562": None,
    "2461562.": "2027-06-05 12:00:00.000",
    "102440587.5": "+275760-09-13 00:00:00.000",
    "102440587.6": None,
    "0.1": "-4713-11-24 14:24:00.001",
    "0012-06-05": "2005-12-06 00:00:00.000",
    "0012-06-05T00:00": "0012-06-05 00:00:00.000",
    "0050-06-05": "1950-06-05 00:00:00.000",
    "-000000-06-05": "2001-06-05 00:00:00.000",
    "-012027-06-05": "-12027-06-05 00:00:00.000",
    "+275760-09-14": None,
    "2027-06-05T24:00:00": "2027-06-06 00:00:00.000",
    "2027-06-05T24:00:01": None,
    "2027-06-05 04:03:02+0200": "2027-06-05 04:03:02.000",
    "2027-06-05T04:03:02-0200": None,
    "2027-06-05 04:03:02 +02:00": "2027-06-05 02:03:02.000",
    "2027-06-05 04:03:02 +02:00 ": "2027-06-05 04:03:02.000",
    "2027-06-05 04:03:02+99:00": "2027-06-01 01:03:02.000",
    "2027-06-05T04:03:02+24:00": None,
    "2027-06-05T04:03:02 ": None,
    "2027-06-05 04:03 z+02:00 ": "2027-06-05 02:03:00.000",
    "5 utc-0200 ": "2001-05-01 00:00:00.000",
    "5 utc-0200 (z) ": "2001-05-01 02:00:00.000",
    "5 est": None,
    "5 z est": "2001-05-01 05:00:00.000",
    "2027-06-05t04:03:02z": "2027-06-05 04:03:02.000",
    "2027-06-05 04:03:02Z ": "2027-06-05 04:03:02.000",
    "2027-06-05 04:03:02.0123456789012": "2027-06-05 04:03:02.123",
    "2027-06-05 04:03:02:01": "2027-06-05 04:03:02.001",
    "2027-06-05 04::02": "2027-06-05 04:00:02.000",
    "2027-06-05 04:03 PM": None,
    "2027-06-05\u00a004:03": "2027-06-05 04:03:00.000",
    "2027-06-05 gmt+02:00": "2027-06-04 22:00:00.000",
    "Sat Jun 05 2027 04:03:02 GMT+0200 (CEST)": "2027-06-05 04:03:02.000",
    "Juneau 5 2027": "2027-06-05 00:00:00.000",
    "6/5": "2001-06-05 00:00:00.000",
    "13/6/2027": None,
    "05.06.2027": "2027-05-06 00:00:00.000",
    "12:00 2027-06-05": "2027-06-05 12:00:00.000",
    "x 2027-06-05": "2027-06-05 00:00:00.000",
    "2027-06-05 x": None,
    2461562.3: "2027-06-05 19:11:59.999",
    -1.0006: "-4713-11-23 11:59:08.160",
    -97559412.6: None,
}


@pytest.mark.parametrize(("value", "wanted"), SERVICE.items())
def test_powersync_reads_a_time_as_the_deployed_service_does(value: SqlValue, wanted: str | None) -> None:
    assert DATETIME.powersync(value, "subsec") == wanted


def test_powersync_heeds_the_first_modifiers_only() -> None:
    number, text = 2461562.25, "2461562.25"
    plain, seconds = "2027-06-05 18:00:00", "1970-01-29 11:46:02"
    for rest in ([], [None], ["subsec"], ["unixepoch"], ["nonsense"], [5]):
        assert DATETIME.powersync(number, None, *rest) == plain
        assert DATETIME.powersync(number, "subsec", *rest) == plain + ".000"
        assert DATETIME.powersync(number, "unixepoch", None, *rest) == seconds
        assert DATETIME.powersync(number, "unixepoch", "subsecond", *rest) == seconds + ".250"
        assert DATETIME.powersync(text, "unixepoch", "subsec", *rest) == plain + ".000"
        assert DATETIME.powersync(number, "nonsense", *rest) is None
        assert DATETIME.powersync(number, "unixepoch", "unixepoch", *rest) is None
    assert DATETIME.powersync(number, "SUBSEC") is None
    assert DATETIME.powersync(number, b"subsec") is None


@given(st.integers(-200_000_000, 200_000_000))
def test_days_and_dates_are_inverse(days: int) -> None:
    date = date_of_days(days)
    assert days_of(*date) == days
    assert days_past_month(*date) == 0
    assert date_of_julian(julian_of(*date)) == date
