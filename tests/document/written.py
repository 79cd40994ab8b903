"""Writes texts as YAML scalars in every style, and remembers which characters made which."""

from dataclasses import dataclass, field

from hypothesis import strategies as st

BREAKS = st.sampled_from(["\n", "\r\n", "\r"])
LETTERS = "abzAZ019_é中🐝()=.,;<$"
WORDS = st.text(LETTERS, min_size=1, max_size=6).map(lambda word: "w" + word)
LINE_CHARACTERS = st.characters(
    categories=["L", "N", "P", "S", "Zs"],
    include_characters="\t \x85\u2028\u2029",
    exclude_characters="\ufeff",
)
LINES = st.text(LINE_CHARACTERS, max_size=12)
INDENT = 4


@dataclass
class Written:
    """A file in the making: its text, and for each character of the scalar its place and width."""

    break_: str
    file: str = "# 🐝\nk:\n  - "
    text: str = ""
    places: list[tuple[int, int]] = field(default_factory=list)

    def skip(self, written: str) -> None:
        """Write characters that are not of the value."""
        self.file += written

    def make(self, character: str, written: str) -> None:
        """Write one character of the value."""
        self.places.append((len(self.file), len(self.file) + len(written)))
        self.text += character
        self.file += written

    def copy(self, text: str) -> None:
        """Write characters that are written as themselves."""
        for character in text:
            self.make(character, character)

    def finish(self) -> "Written":
        """End the file with another item."""
        self.skip(f"{self.break_}  - end{self.break_}")
        return self


def _newlines(draw: st.DrawFn, out: Written, count: int, blanks: str) -> None:
    """Write line feeds inside a flow scalar or folded text: one break more than there are."""
    out.skip(out.break_)
    for _ in range(count):
        out.skip(draw(st.sampled_from(["", " ", blanks])))
        out.make("\n", out.break_)


def _words(draw: st.DrawFn, out: Written, blanks: str, before_break: str) -> None:
    """Write words with a space, or with line feeds, between them."""
    for i, word in enumerate(draw(st.lists(WORDS, min_size=1, max_size=6))):
        if i:
            match draw(st.sampled_from(["space", "fold", "feeds"])):
                case "space":
                    out.copy(" ")
                case "fold":
                    out.skip(draw(st.sampled_from(["", before_break])))
                    out.make(" ", out.break_)
                    out.skip(" " * INDENT + draw(st.sampled_from(["", blanks])))
                case _:
                    out.skip(draw(st.sampled_from(["", before_break])))
                    _newlines(draw, out, draw(st.integers(1, 3)), "  ")
                    out.skip(" " * INDENT + draw(st.sampled_from(["", blanks])))
        out.copy(word)


@st.composite
def plain(draw: st.DrawFn) -> Written:
    """A plain scalar of words, folded at random."""
    out = Written(draw(BREAKS))
    _words(draw, out, " \t", " \t ")
    return out.finish()


@st.composite
def single_quoted(draw: st.DrawFn) -> Written:
    """A single-quoted scalar with any characters, and words folded at random."""
    out = Written(draw(BREAKS))
    out.skip("'")
    for character in draw(LINES):
        out.make(character, "''" if character == "'" else character)
    out.copy("w")
    _words(draw, out, "\t ", " \t")
    out.skip("'")
    return out.finish()


def _escape(draw: st.DrawFn, character: str) -> str:
    code = ord(character)
    ways = [f"\\U{code:08x}"]
    if code < 0x100:
        ways.append(f"\\x{code:02X}")
    if code < 0x10000:
        ways.append(f"\\u{code:04x}")
    else:
        high, low = 0xD800 + ((code - 0x10000) >> 10), 0xDC00 + ((code - 0x10000) & 0x3FF)
        ways.append(f"\\u{high:04x}\\u{low:04X}")
    if character in '"\\/ \t':
        ways.append("\\" + character)
    return draw(st.sampled_from(ways))


@st.composite
def double_quoted(draw: st.DrawFn) -> Written:
    """A double-quoted scalar with any characters, escapes, and folds at random."""
    out = Written(draw(BREAKS))
    out.skip('"')
    for character in draw(LINES) + draw(st.text(max_size=5)):
        must = character in '"\\' or not character.isprintable()
        if 0xD800 <= ord(character) < 0xE000:
            continue
        if must or draw(st.booleans()):
            out.make(character, _escape(draw, character))
        else:
            out.copy(character)
        if draw(st.integers(0, 5)) == 0:
            out.skip("\\" + out.break_ + " " * INDENT)
            out.copy("w")
    out.copy("w")
    _words(draw, out, " \t", "\t ")
    out.skip('"')
    return out.finish()


def _chomped(out: Written, feeds: int) -> None:
    """Write the line feeds at the end of a block scalar."""
    for _ in range(feeds):
        out.make("\n", out.break_)


def _header(draw: st.DrawFn, out: Written, indicator: str, feeds: int, explicit: str) -> None:
    chomp = {0: "-", 1: ""}.get(feeds, "+")
    both = draw(st.sampled_from([chomp + explicit, explicit + chomp]))
    out.skip(indicator + both + draw(st.sampled_from(["", " ", " # | note"])) + out.break_)


@st.composite
def literal(draw: st.DrawFn) -> Written:
    """A literal scalar with any lines, indentation and chomping."""
    out = Written(draw(BREAKS))
    lines = [*draw(st.lists(LINES, max_size=5)), "w" + draw(LINES)]
    feeds = draw(st.integers(0, 3))
    indent = draw(st.integers(1, 4))
    first = next(line for line in lines if line)
    # A tab there is text by YAML 1.2, but libyaml wants to be told so.
    must_say = first.startswith((" ", "\t"))
    explicit = str(indent) if must_say or draw(st.booleans()) else ""
    _header(draw, out, "|", feeds, explicit)
    for i, line in enumerate(lines):
        if i:
            out.make("\n", out.break_)
        if line:
            out.skip(" " * (2 + indent))
        out.copy(line)
    _chomped(out, feeds)
    out.skip("" if feeds else out.break_)
    out.skip(f"  - end{out.break_}")
    return out


@st.composite
def folded(draw: st.DrawFn) -> Written:
    """A folded scalar of words, with line feeds between some of them."""
    out = Written(draw(BREAKS))
    feeds = draw(st.integers(0, 3))
    indent = " " * draw(st.integers(3, 6))
    _header(draw, out, ">", feeds, "")
    out.skip(indent)
    for i, word in enumerate(draw(st.lists(WORDS, min_size=1, max_size=6))):
        if i:
            match draw(st.sampled_from(["space", "fold", "feeds"])):
                case "space":
                    out.copy(" ")
                case "fold":
                    out.make(" ", out.break_)
                    out.skip(indent)
                case _:
                    out.skip(out.break_)
                    for _ in range(draw(st.integers(1, 3))):
                        out.skip(draw(st.sampled_from(["", " ", indent])))
                        out.make("\n", out.break_)
                    out.skip(indent)
        out.copy(word)
    _chomped(out, feeds)
    out.skip("" if feeds else out.break_)
    out.skip(f"  - end{out.break_}")
    return out


ANY_STYLE = st.one_of(plain(), single_quoted(), double_quoted(), literal(), folded())
