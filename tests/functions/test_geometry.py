"""Geometries: what PostGIS writes is read back, and everything else is an error of the row."""

import json
import re
import struct
from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from syncrules import Semantics
from syncrules.functions.geometry_binary import GEOMETRY_DEPTH_LIMIT, read_geometry
from syncrules.values.value import EvaluationError
from tests.functions.evaluate import Failed, value_of

POINT = "0101000000000000000000F03F0000000000000040"
"""The point 1 2."""

TYPES = ("Point", "LineString", "Polygon", "MultiPoint", "MultiLineString", "MultiPolygon", "GeometryCollection")
DIMENSIONS = ("", "Z", "M", "ZM")


@dataclass(frozen=True)
class Shape:
    """A geometry as GeoJSON nests it, with all of its coordinates."""

    name: str
    dimensions: str
    coordinates: list


@dataclass(frozen=True)
class Spelling:
    """The ways in which one geometry may be written."""

    order: str
    flags: bool
    srid: int | None


def written(shape: Shape, spelling: Spelling) -> bytes:
    """Well-known binary, by the letter of its definition."""
    parts = [header(shape.name, shape.dimensions, spelling)]
    count = spelling.order + "I"
    match shape.name:
        case "Point":
            parts.append(position(shape.coordinates, spelling))
        case "LineString":
            parts.append(struct.pack(count, len(shape.coordinates)))
            parts += [position(each, spelling) for each in shape.coordinates]
        case "Polygon":
            parts.append(struct.pack(count, len(shape.coordinates)))
            for ring in shape.coordinates:
                parts.append(struct.pack(count, len(ring)))
                parts += [position(each, spelling) for each in ring]
        case name:
            member = name.removeprefix("Multi")
            parts.append(struct.pack(count, len(shape.coordinates)))
            within = Spelling(spelling.order, spelling.flags, None)
            parts += [written(Shape(member, shape.dimensions, each), within) for each in shape.coordinates]
    return b"".join(parts)


def header(name: str, dimensions: str, spelling: Spelling) -> bytes:
    code = TYPES.index(name) + 1
    if spelling.flags:
        code |= ("Z" in dimensions) << 31 | ("M" in dimensions) << 30
    else:
        code += 1000 * DIMENSIONS.index(dimensions)
    first = b"\1" if spelling.order == "<" else b"\0"
    if spelling.srid is None:
        return first + struct.pack(spelling.order + "I", code)
    return first + struct.pack(spelling.order + "II", code | 1 << 29, spelling.srid)


def position(numbers: list, spelling: Spelling) -> bytes:
    return struct.pack(f"{spelling.order}{len(numbers)}d", *numbers)


def spelled(text: str) -> object:
    """The coordinates of a well-known text as nested lists."""
    lists = re.sub(r"[^(),]+", lambda found: json.dumps([float(x) for x in found[0].split()]), text)
    return json.loads(lists.replace("(", "[").replace(")", "]"))


NUMBERS = st.one_of(
    st.floats(allow_nan=False, allow_infinity=False), st.integers(-180, 180).map(float), st.just(1e-7), st.just(1e21)
)
SPELLINGS = st.builds(Spelling, st.sampled_from("<>"), st.booleans(), st.sampled_from([None, 4326]))


@st.composite
def shapes(draw: st.DrawFn) -> Shape:
    dimensions = draw(st.sampled_from(DIMENSIONS))
    size = 2 + len(dimensions)
    point = st.lists(NUMBERS, min_size=size, max_size=size)
    line = st.lists(point, min_size=1, max_size=3)
    polygon = st.lists(line, min_size=1, max_size=2)
    kinds = {"Point": point, "LineString": line, "Polygon": polygon}
    kinds |= {f"Multi{name}": st.lists(each, min_size=1, max_size=3) for name, each in kinds.items()}
    name = draw(st.sampled_from(sorted(kinds)))
    return Shape(name, dimensions, draw(kinds[name]))


def without_m(coordinates: list, dimensions: str) -> list:
    if isinstance(coordinates[0], float):
        return coordinates[: 3 if "Z" in dimensions else 2]
    return [without_m(each, dimensions) for each in coordinates]


def value(expression: str, geometry: object) -> object:
    """The value under both semantics, which must not differ."""
    found, other = (value_of(expression, {"g": geometry}, semantics) for semantics in Semantics)
    assert found == other or (isinstance(found, Failed) and isinstance(other, Failed))
    return found


@given(shapes(), SPELLINGS)
def test_geojson_has_the_coordinates_that_were_written_but_m(shape: Shape, spelling: Spelling) -> None:
    found = value("st_asgeojson(g)", written(shape, spelling))
    assert isinstance(found, str)
    assert json.loads(found) == {
        "type": shape.name,
        "coordinates": without_m(shape.coordinates, shape.dimensions),
    }


@given(shapes(), SPELLINGS)
def test_well_known_text_has_the_type_the_dimensions_and_every_coordinate(shape: Shape, spelling: Spelling) -> None:
    found = value("st_astext(g)", written(shape, spelling).hex())
    assert isinstance(found, str)
    name, _, body = found.partition("(")
    assert name == (f"{shape.name.upper()} {shape.dimensions} " if shape.dimensions else shape.name.upper())
    whole = [shape.coordinates] if shape.name == "Point" else shape.coordinates
    assert spelled("(" + body) == whole


@given(shapes(), SPELLINGS, SPELLINGS, st.sampled_from(["st_asgeojson(g)", "st_astext(g)", "st_x(g)", "st_y(g)"]))
def test_how_a_geometry_is_written_makes_no_difference(
    shape: Shape, one: Spelling, other: Spelling, expression: str
) -> None:
    first, second = written(shape, one), written(shape, other)
    assert value(expression, first) == value(expression, second.hex()) == value(expression, second.hex().upper())


@given(shapes(), SPELLINGS)
def test_only_points_have_x_and_y(shape: Shape, spelling: Spelling) -> None:
    geometry = written(shape, spelling)
    expected = shape.coordinates[:2] if shape.name == "Point" else [None, None]
    assert [value("st_x(g)", geometry), value("st_y(g)", geometry)] == expected


@given(shapes(), SPELLINGS, st.data())
def test_a_geometry_that_is_cut_off_is_an_error_of_the_row(
    shape: Shape, spelling: Spelling, data: st.DataObject
) -> None:
    geometry = written(shape, spelling)
    found = value("st_x(g)", geometry[: data.draw(st.integers(0, len(geometry) - 1))])
    assert isinstance(found, Failed)
    assert found.at == "row"


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """A geometry with one byte changed."""
    geometry = bytearray(written(draw(shapes()), draw(SPELLINGS)))
    geometry[draw(st.integers(0, len(geometry) - 1))] = draw(st.integers(0, 255))
    return bytes(geometry)


@settings(max_examples=1000)
@given(st.one_of(damaged(), st.binary(max_size=60), st.text(max_size=60)))
def test_damaged_data_is_read_or_refused(data: bytes | str) -> None:
    try:
        read_geometry(data)
    except EvaluationError as error:
        assert str(error)


@pytest.mark.parametrize(
    "data",
    [
        "",
        "zz",
        "POINT(1 2)",
        " " + POINT,
        "\\x" + POINT,
        POINT + "0",
        POINT + "00",
        POINT + "zz",
        "\uff10\uff11" + POINT[2:],
        "02" + POINT[2:],
        b"",
        b"\x00",
        POINT.encode(),
    ],
)
def test_what_is_no_geometry_is_an_error_of_the_row(data: object) -> None:
    found = value("st_asgeojson(g)", data)
    assert isinstance(found, Failed)
    assert found.at == "row"


@pytest.mark.parametrize("code", [0, 8, 15, 17, 999, 4001, 0x80000000 | 1001, 0x10000001])
def test_other_types_are_refused_by_number(code: int) -> None:
    found = value("st_astext(g)", b"\1" + struct.pack("<I", code) + bytes(16))
    assert isinstance(found, Failed)
    assert f"type {code} are not supported" in found.message


@pytest.mark.parametrize(
    ("member", "reason"),
    [
        (Shape("LineString", "", [[0.0, 0.0]]), "another type"),
        (Shape("Point", "Z", [0.0, 0.0, 0.0]), "other dimensions"),
    ],
)
def test_members_are_what_the_whole_says(member: Shape, reason: str) -> None:
    plain = Spelling("<", True, None)
    whole = header("MultiPoint", "", plain) + struct.pack("<I", 1) + written(member, plain)
    found = value("st_asgeojson(g)", whole)
    assert isinstance(found, Failed)
    assert reason in found.message


@pytest.mark.parametrize("code", range(2, 8))
def test_a_count_beyond_the_data_is_refused_at_once(code: int) -> None:
    found = value("st_x(g)", b"\1" + struct.pack("<II", code, 2**32 - 1) + bytes(64))
    assert isinstance(found, Failed)
    assert "cut off" in found.message


def nested(depth: int) -> bytes:
    return (header("GeometryCollection", "", Spelling("<", True, None)) + struct.pack("<I", 1)) * depth + bytes.fromhex(
        POINT
    )


def test_collections_are_nested_up_to_a_limit() -> None:
    assert isinstance(value("st_astext(g)", nested(GEOMETRY_DEPTH_LIMIT)), str)
    assert isinstance(value("st_asgeojson(g)", nested(GEOMETRY_DEPTH_LIMIT)), str)
    for depth in (GEOMETRY_DEPTH_LIMIT + 1, 100_000):
        found = value("st_astext(g)", nested(depth))
        assert isinstance(found, Failed)
        assert "levels deep" in found.message


@pytest.mark.parametrize(
    ("data", "text", "geojson"),
    [
        (
            "0107000080020000000101000080000000000000F03F00000000000000400000000000000840010200008000000000",
            "GEOMETRYCOLLECTION Z (POINT Z (1 2 3),LINESTRING Z EMPTY)",
            '{"type":"GeometryCollection","geometries":[{"type":"Point","coordinates":[1.0,2.0,3.0]},{"type":"LineString","coordinates":[]}]}',
        ),
        ("010700000000000000", "GEOMETRYCOLLECTION EMPTY", '{"type":"GeometryCollection","geometries":[]}'),
        ("010600008000000000", "MULTIPOLYGON Z EMPTY", '{"type":"MultiPolygon","coordinates":[]}'),
        ("01030000000100000000000000", "POLYGON EMPTY", '{"type":"Polygon","coordinates":[]}'),
        (
            "010500000002000000010200000000000000010200000001000000000000000000F03F0000000000000040",
            "MULTILINESTRING(EMPTY,(1 2))",
            '{"type":"MultiLineString","coordinates":[[],[[1.0,2.0]]]}',
        ),
        (
            "0101000000000000000000F87F000000000000F0FF",
            "POINT(NaN -Infinity)",
            '{"type":"Point","coordinates":[NaN,-Infinity]}',
        ),
        (
            "0101000000000000000000008048AFBC9AF2D77A3E",
            "POINT(0 1e-7)",
            '{"type":"Point","coordinates":[0.0,1e-7]}',
        ),
    ],
)
def test_special_geometries_are_written_as_the_service_writes_them(data: str, text: str, geojson: str) -> None:
    assert (value("st_astext(g)", data), value("st_asgeojson(g)", data)) == (text, geojson)


@pytest.mark.parametrize("number", [5, 1.5])
@pytest.mark.parametrize("function", ["st_asgeojson", "st_astext", "st_x", "st_y"])
def test_numbers_and_null_have_no_geometry(function: str, number: float) -> None:
    assert value(f"{function}(g)", number) is None
    assert value(f"{function}(NULL)", None) is None


def test_an_empty_point_has_no_coordinates() -> None:
    assert value("st_x(g)", "0101000000000000000000F87F000000000000F87F") is None
    assert value("typeof(st_y(g))", "0101000000000000000000F87F000000000000F87F") == "null"
