"""st_asgeojson, st_astext, st_x and st_y: what queries do with PostGIS geometries, under both semantics."""

from math import isfinite, isnan
from typing import Final

from syncrules.functions.function import Example, Function, Implementation, always, table
from syncrules.functions.geometry_binary import COLLECTION, Coordinates, Geometry, Position, read_geometry
from syncrules.values.json_text import json_real
from syncrules.values.kinds import Kind
from syncrules.values.real_text import javascript_real_text
from syncrules.values.value import SqlValue


def geojson(geometry: Geometry) -> str:
    """The GeoJSON text of a geometry: M is left out, and what is not finite is written as JavaScript does.

    >>> geojson(read_geometry("01E9030000000000000000F03F00000000000000400000000000000840"))
    '{"type":"Point","coordinates":[1.0,2.0,3.0]}'
    """
    if geometry.name == COLLECTION:
        members = ",".join(map(geojson, geometry.geometries))
        return f'{{"type":"{geometry.name}","geometries":[{members}]}}'
    size = 3 if "Z" in geometry.dimensions else 2
    return f'{{"type":"{geometry.name}","coordinates":{_geojson_coordinates(geometry.coordinates, size)}}}'


def _geojson_coordinates(coordinates: Coordinates, size: int) -> str:
    if isinstance(coordinates, tuple):
        return f"[{','.join(map(_json_number, coordinates[:size]))}]"
    return f"[{','.join(_geojson_coordinates(each, size) for each in coordinates)}]"


def _json_number(value: float) -> str:
    return json_real(value) if isfinite(value) else javascript_real_text(value)


def well_known_text(geometry: Geometry) -> str:
    """The well-known text of a geometry, with Z and M.

    >>> well_known_text(read_geometry("01E9030000000000000000F03F00000000000000400000000000000840"))
    'POINT Z (1 2 3)'
    """
    match geometry:
        case Geometry(coordinates=tuple() as position):
            body = f"({_text_position(position)})"
        case Geometry(geometries=()):
            body = _text_list(geometry.coordinates)
        case _:
            body = f"({','.join(map(well_known_text, geometry.geometries))})"
    name = geometry.name.upper()
    if geometry.dimensions:
        return f"{name} {geometry.dimensions} {body}"
    return f"{name} {body}" if body == "EMPTY" else name + body


def _text_list(coordinates: Coordinates) -> str:
    if isinstance(coordinates, tuple):
        return _text_position(coordinates)
    return f"({','.join(map(_text_list, coordinates))})" if coordinates else "EMPTY"


def _text_position(position: Position) -> str:
    return " ".join(map(javascript_real_text, position))


def _as_geojson(value: SqlValue) -> SqlValue:
    return geojson(read_geometry(value)) if isinstance(value, str | bytes) else None


def _as_text(value: SqlValue) -> SqlValue:
    return well_known_text(read_geometry(value)) if isinstance(value, str | bytes) else None


def _coordinate(index: int) -> Implementation:
    def coordinate(value: SqlValue) -> SqlValue:
        if not isinstance(value, str | bytes):
            return None
        position = read_geometry(value).coordinates
        # An empty point has NaN for coordinates, which is no SQL value.
        return None if isinstance(position, list) or isnan(position[index]) else position[index]

    return coordinate


def _function(name: str, implementation: Implementation, kind: Kind, doc: str, *examples: Example) -> Function:
    return Function(
        name=name,
        minimum=1,
        maximum=1,
        strict=True,
        sqlite=implementation,
        powersync=implementation,
        result=always(kind, Kind.NULL),
        doc=doc,
        examples=examples,
    )


GEOMETRY: Final = table(
    _function(
        "st_asgeojson", _as_geojson, Kind.TEXT,
        "A PostGIS geometry as GeoJSON, with Z and without M. NULL for a number; other data is an error of the row.",
        Example(
            "st_asgeojson('0101000000000000000000F03F0000000000000040')", '{"type":"Point","coordinates":[1.0,2.0]}'
        ),
        Example("st_asgeojson('010200000000000000') ->> 'type'", "LineString"),
    ),
    _function(
        "st_astext", _as_text, Kind.TEXT,
        "A PostGIS geometry as well-known text. NULL for a number; other data is an error of the row.",
        Example("st_astext('0101000020E6100000000000000000F03F0000000000000040')", "POINT(1 2)"),
        Example("st_astext('01E9030000000000000000F03F00000000000000400000000000000840')", "POINT Z (1 2 3)"),
        Example("st_astext('010200000000000000')", "LINESTRING EMPTY"),
    ),
    _function(
        "st_x", _coordinate(0), Kind.REAL,
        "The X coordinate (longitude) of a point. NULL for any other geometry and for an empty point.",
        Example("st_x('0101000000000000000000F03F0000000000000040')", 1.0),
        Example("st_x('010200000000000000')", None),
    ),
    _function(
        "st_y", _coordinate(1), Kind.REAL,
        "The Y coordinate (latitude) of a point. NULL for any other geometry and for an empty point.",
        Example("st_y('0101000000000000000000F03F0000000000000040')", 2.0),
    ),
)  # fmt: skip
