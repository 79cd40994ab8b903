"""How the JSON of some types differs from what pydantic would write, without importing it before JSON is wanted."""

from typing import TYPE_CHECKING, Annotated, Any

if TYPE_CHECKING:
    from pydantic import GetCoreSchemaHandler
    from pydantic_core import CoreSchema


class Tagged:
    """Marks a union in `Annotated[A | B, Tagged()]`: its JSON is read by the value of `kind`."""

    def __get_pydantic_core_schema__(self, source: Any, handler: "GetCoreSchemaHandler") -> "CoreSchema":
        """What pydantic asks for when it builds its reader."""
        from pydantic import Discriminator

        return handler.generate_schema(Annotated[source, Discriminator("kind")])


class ByName:
    """Marks a named tuple in `Annotated[T, ByName()]`: its JSON is an object."""

    def __get_pydantic_core_schema__(self, source: Any, handler: "GetCoreSchemaHandler") -> "CoreSchema":
        """What pydantic asks for when it builds its reader and writer."""
        from pydantic import PlainSerializer

        return handler.generate_schema(Annotated[source, PlainSerializer(source._asdict)])
