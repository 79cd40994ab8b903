"""Geometries, and the reader of well-known binary, which is how PostGIS stores and sends them.

The reader is our own, because what a rules file means must not depend on what is installed, and because
no library fits: Shapely needs NumPy and GEOS and refuses shapes that services pass on (a line of one
point), geomet knows neither EWKB's Z and M nor empty lines, and plpygis is not under a permissive licence.
The format is that of OGC 06-103r4, 8.2, with PostGIS's flags for Z, M and SRID.
"""

from binascii import unhexlify
from dataclasses import dataclass
from struct import Struct
from typing import Final

from syncrules.values.value import EvaluationError

GEOMETRY_DEPTH_LIMIT: Final = 100
"""How many geometry collections may be inside each other."""

Position = tuple[float, ...]
Coordinates = Position | list["Coordinates"]
"""A position, or a list of lists … of positions, as GeoJSON nests them."""

COLLECTION: Final = "GeometryCollection"

_NAMES: Final = {
    1: "Point",
    2: "LineString",
    3: "Polygon",
    4: "MultiPoint",
    5: "MultiLineString",
    6: "MultiPolygon",
    7: COLLECTION,
}
_MEMBERS: Final = {"MultiPoint": "Point", "MultiLineString": "LineString", "MultiPolygon": "Polygon"}

_DIMENSIONS: Final = ("", "Z", "M", "ZM")
_Z_FLAG: Final = 0x8000_0000
_M_FLAG: Final = 0x4000_0000
_SRID_FLAG: Final = 0x2000_0000
_DIMENSION_STEP: Final = 1000
"""Without flags, types from 1000 have Z, from 2000 M, from 3000 both."""

_HEADER: Final = 5
"""Bytes of the byte order and type that start every geometry."""
_INTEGER: Final = 4
_REAL: Final = 8


@dataclass(frozen=True, slots=True)
class Geometry:
    """A geometry: its GeoJSON type, its dimensions beyond two, and either coordinates or geometries."""

    name: str
    dimensions: str
    coordinates: Coordinates
    geometries: tuple["Geometry", ...] = ()


def read_geometry(value: str | bytes) -> Geometry:
    """The geometry in well-known binary, as bytes or as their hexadecimal digits. An SRID is dropped.

    Raises EvaluationError for anything else, also for bytes after the geometry.

    >>> read_geometry("0101000000000000000000F03F0000000000000040")
    Geometry(name='Point', dimensions='', coordinates=(1.0, 2.0), geometries=())
    """
    try:
        reader = _Reader(value if isinstance(value, bytes) else unhexlify(value))
    except ValueError:
        message = "a geometry is not in hexadecimal digits"
        raise EvaluationError(message) from None
    geometry = reader.geometry(0)
    if reader.place != len(reader.data):
        message = "a geometry is followed by other bytes"
        raise EvaluationError(message)
    return geometry


class _Reader:
    """Reads geometries from `data`, onwards from `place`."""

    __slots__ = ("data", "place")

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.place = 0

    def geometry(self, depth: int) -> Geometry:
        if depth > GEOMETRY_DEPTH_LIMIT:
            message = f"geometry collections are nested more than {GEOMETRY_DEPTH_LIMIT} levels deep"
            raise EvaluationError(message)
        order = self._order()
        name, dimensions = self._type(order)
        size = 2 + len(dimensions)
        match name:
            case "Point":
                return Geometry(name, dimensions, self._position(order, size))
            case "LineString":
                return Geometry(name, dimensions, self._positions(order, size))
            case "Polygon":
                rings: list[Coordinates] = [self._positions(order, size) for _ in range(self._count(order, _INTEGER))]
                return Geometry(name, dimensions, rings if any(rings) else [])
            case _:
                members = tuple(self.geometry(depth + 1) for _ in range(self._count(order, _HEADER)))
        if name == COLLECTION:
            return Geometry(name, dimensions, [], members)
        if any((each.name, each.dimensions) != (_MEMBERS[name], dimensions) for each in members):
            message = f"a member of a {name} has another type or other dimensions"
            raise EvaluationError(message)
        return Geometry(name, dimensions, [each.coordinates for each in members])

    def _order(self) -> str:
        match self._take(1):
            case b"\0":
                return ">"
            case b"\1":
                return "<"
            case _:
                message = "a geometry starts with neither of the bytes 00 and 01"
                raise EvaluationError(message)

    def _type(self, order: str) -> tuple[str, str]:
        """The type's name and dimensions; what follows a flag for it is the SRID."""
        code = self._integer(order)
        if code & _SRID_FLAG:
            self._take(_INTEGER)
        flags = bool(code & _Z_FLAG) + 2 * bool(code & _M_FLAG)
        thousands, plain = divmod(code & ~(_Z_FLAG | _M_FLAG | _SRID_FLAG), _DIMENSION_STEP)
        if plain not in _NAMES or thousands >= len(_DIMENSIONS) or (flags and thousands):
            message = f"geometries of type {code} are not supported"
            raise EvaluationError(message)
        return _NAMES[plain], _DIMENSIONS[flags or thousands]

    def _position(self, order: str, size: int) -> Position:
        return Struct(f"{order}{size}d").unpack(self._take(size * _REAL))

    def _positions(self, order: str, size: int) -> list[Coordinates]:
        count = self._count(order, size * _REAL)
        return list(Struct(f"{order}{size}d").iter_unpack(self._take(count * size * _REAL)))

    def _count(self, order: str, least: int) -> int:
        """How many parts follow, each of at `least` so many bytes: a count beyond the data is refused at once."""
        count = self._integer(order)
        if count * least > len(self.data) - self.place:
            raise _cut_off()
        return count

    def _integer(self, order: str) -> int:
        return int.from_bytes(self._take(_INTEGER), "big" if order == ">" else "little")

    def _take(self, size: int) -> bytes:
        taken = self.data[self.place : self.place + size]
        if len(taken) < size:
            raise _cut_off()
        self.place += size
        return taken


def _cut_off() -> EvaluationError:
    return EvaluationError("a geometry is cut off")
