"""Whatever the text is, reading it gives a node or says why there is none."""

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from syncrules.diagnostics import Source
from syncrules.document import Mapping, Node, Scalar, Sequence, read
from syncrules.document.stand_in import stand_in

PIECES = st.sampled_from(
    [
        *("a", "b: ", "- ", "? ", ": ", "1", "0x1f", "~", "null", "é", "🐝", "?a", "[?a", "[#"),
        *("\n", "\n  ", "\n ", "\r\n", "\r", "\t", " ", "  ", " \t", "\ufeff", "\x85", "\u2028"),
        *("|", "|2\n", "|+\n", "|-\n", "> ", ">", ">-", ">+2", '"', "'", "''", '\\"', "\\x41", "\\\n"),
        *("\\ud83d\\udc1d", "#", "# c", "[", "]", "{", "}", ",", "&x ", "*x ", "<<: ", "!!str ", "!!int "),
        *("!foo ", "! ", "---", "...", "%YAML 1.2", "%", "@", "`"),
    ]
)
TEXTS = st.one_of(st.lists(PIECES, max_size=25).map("".join), st.text())


def _nodes(node: Node) -> list[Node]:
    found, waiting = [], [node]
    while waiting:
        each = waiting.pop()
        found.append(each)
        match each:
            case Mapping():
                waiting += [entry.key for entry in each.entries]
                waiting += [entry.value for entry in each.entries]
            case Sequence():
                waiting += each.items
    return found


@given(TEXTS)
@settings(max_examples=1500)
def test_any_text_gives_a_node_or_an_error(text: str) -> None:
    node, diagnostics = read(Source("test.yaml", text))
    assert node is not None or diagnostics
    assert all(0 <= found.span.start <= found.span.end <= len(text) for found in diagnostics)
    assert all(found.code not in {"unreadable-scalar", "invalid-yaml"} for found in diagnostics)


@given(TEXTS)
def test_every_message_is_one_line_without_a_final_stop(text: str) -> None:
    for found in read(Source("test.yaml", text))[1]:
        assert found.message.isprintable()
        assert not found.message.endswith(".")
        assert found.message[0].islower()
        assert found.help is None or found.help.isprintable()


@given(TEXTS)
@settings(max_examples=500)
def test_every_node_lies_in_the_file(text: str) -> None:
    node, _ = read(Source("test.yaml", text))
    for each in _nodes(node) if node is not None else []:
        assert 0 <= each.span.start <= each.span.end <= len(text)
        if isinstance(each, Scalar):
            ends = [each.text.span(i, i + 1) for i in range(len(each.text.text))]
            assert all(a.end <= b.start for a, b in pairwise(ends))


@given(TEXTS)
def test_the_keys_of_a_mapping_are_distinct(text: str) -> None:
    node, _ = read(Source("test.yaml", text))
    for each in _nodes(node) if node is not None else []:
        if isinstance(each, Mapping):
            keys = [entry.key.text.text for entry in each.entries]
            assert len(set(keys)) == len(keys)


@given(TEXTS)
def test_the_text_that_the_parser_sees_has_the_same_length(text: str) -> None:
    assert len(stand_in(text)) == len(text)
