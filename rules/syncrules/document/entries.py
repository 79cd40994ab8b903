"""The entries of a mapping: keys are scalars, each once, and merge keys are replaced.

Merge keys are of the YAML 1.1 type repository (`tag:yaml.org,2002:merge`); rules files rely on
them. The mapping's own keys win over merged ones, and of several merged mappings the first one wins.
"""

from collections.abc import Iterable, Iterator

from syncrules.diagnostics import Span
from syncrules.document.findings import Findings
from syncrules.document.limits import quoted
from syncrules.document.node import Entry, Mapping, Scalar, Sequence, Style
from syncrules.document.placed import Placed

MERGE_KEY = "<<"


def entries(children: Iterable[Placed], findings: Findings) -> tuple[Entry, ...]:
    """The entries of a mapping whose keys and values come in turn.

    Merged entries stand where their merge key stands.
    """
    own: dict[str, Span] = {}
    kept: list[Entry | Placed] = []
    for key, value in _pairs(children):
        if not isinstance(key.node, Scalar):
            findings.add(
                "key-not-scalar",
                "a list or a mapping cannot be a key",
                key.place,
                "put text in brackets or braces between quotes",
            )
            continue
        name = key.node.text.text
        if name in own:
            line = findings.line(own[name].start)
            findings.add(
                "duplicate-key",
                f"the key {quoted(name)} is in this mapping already",
                key.place,
                f"the first {quoted(name)} is on line {line}; remove or rename one of them",
            )
            continue
        own[name] = key.place
        kept.append(value if _is_merge_key(key.node) else Entry(key.node, value.node))
    if any(isinstance(each, Placed) for each in kept):
        return tuple(_merged(kept, own, findings))
    return tuple(each for each in kept if isinstance(each, Entry))


def _pairs(children: Iterable[Placed]) -> Iterator[tuple[Placed, Placed]]:
    each = iter(children)
    return zip(each, each, strict=True)


def _is_merge_key(key: Scalar) -> bool:
    return key.style is Style.PLAIN and key.text.text == MERGE_KEY


def _merged(kept: Iterable[Entry | Placed], own: dict[str, Span], findings: Findings) -> Iterator[Entry]:
    seen = set(own)
    for each in kept:
        if isinstance(each, Entry):
            yield each
            continue
        for mapping in _mappings(each, findings):
            for entry in mapping.entries:
                name = entry.key.text.text
                if name not in seen:
                    seen.add(name)
                    yield entry


def _mappings(value: Placed, findings: Findings) -> Iterator[Mapping]:
    match value.node:
        case Mapping():
            yield value.node
            return
        case Sequence(items=items):
            mappings = [item for item in items if isinstance(item, Mapping)]
            if len(mappings) == len(items):
                yield from mappings
                return
    if findings.has_any_in(value.place):
        return
    findings.add(
        "merge-of-no-mapping",
        f"the value of {quoted(MERGE_KEY)} is neither a mapping nor a list of mappings",
        value.place,
        "write an alias of a mapping",
    )
