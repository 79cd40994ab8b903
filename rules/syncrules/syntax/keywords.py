"""Which words are keywords of the grammar, and which are reserved without a use in it.

The words are PostgreSQL's reserved key words (its documentation, appendix C), because deployed
services read queries with a PostgreSQL grammar; the few that the grammar also takes as names are
listed in its rule `identifier`.
"""

from typing import Final

GRAMMAR_WORDS: Final = frozenset(
    """ALL AND ARRAY AS ASC BETWEEN BY CASE CAST CROSS DESC DISTINCT ELSE END EXCEPT FALSE FETCH
    FOR FROM FULL GROUP HAVING ILIKE IN INNER INTERSECT IS ISNULL JOIN LEFT LIKE LIMIT NATURAL NOT
    NOTNULL NULL OFFSET ON OR ORDER OUTER RIGHT ROW ROWS SELECT THEN TRUE UNION USING WHEN
    WHERE""".split()
)

RESERVED_WORDS: Final = frozenset(
    """ANALYSE ANALYZE ANY ASYMMETRIC BOTH CHECK COLLATE COLUMN CONSTRAINT CREATE CURRENT_CATALOG
    CURRENT_DATE CURRENT_ROLE CURRENT_TIME CURRENT_TIMESTAMP CURRENT_USER DEFAULT DEFERRABLE DO FOREIGN
    GRANT INITIALLY INTO LATERAL LEADING LOCALTIME LOCALTIMESTAMP ONLY OVERLAPS PLACING PRIMARY
    REFERENCES RETURNING SESSION_USER SIMILAR SOME SYMMETRIC TABLE TABLESAMPLE TO TRAILING UNIQUE USER
    VARIADIC WINDOW WITH""".split()
)

TOKEN_TYPES: Final = {word: word for word in GRAMMAR_WORDS} | dict.fromkeys(RESERVED_WORDS, "RESERVED")
"""What the lexer makes of a word (in upper case); any other word is a NAME."""
