"""The query language: one SELECT, read into a small tree (facts 2.2)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from integrations.emulator import faults

TOKEN = re.compile(
    r"\s*(?:(?P<text>'(?:\\.|[^'\\])*')|(?P<word>[A-Za-z_][\w.]*)|"
    r"(?P<bare>-?\d[\w:.+\-]*)|(?P<sign><=|>=|[=<>(),*]))"
)
OPERATORS = ("=", "<", ">", "<=", ">=")
CLAUSES = {"WHERE", "ORDERBY", "ORDER", "STARTPOSITION", "MAXRESULTS"}


@dataclass(frozen=True)
class Condition:
    field: str
    operator: str  # = < > <= >= IN LIKE
    values: tuple[str, ...]


@dataclass(frozen=True)
class Query:
    entity: str
    columns: tuple[str, ...]  # empty for *; a star may have company (facts 2.2: *, Sku)
    count: bool
    conditions: tuple[Condition, ...]
    order: tuple[tuple[str, bool], ...]  # field, descending
    start: int
    maximum: int


def parse(statement: str) -> Query:
    """Raises Fault 4000 for what is no query and 4001 for positions out of range."""
    return _Parser(_tokens(statement)).query()


def _tokens(statement: str) -> list[tuple[str, str]]:
    tokens: list[tuple[str, str]] = []
    position = 0
    statement = statement.rstrip().rstrip(";").rstrip()
    while position < len(statement):
        match = TOKEN.match(statement, position)
        if match is None:
            raise faults.query_syntax(statement[position:].strip()[:20])
        kind = match.lastgroup or ""
        text = match.group(kind)
        if kind == "text":
            text = re.sub(r"\\(.)", r"\1", text[1:-1])
        tokens.append((kind, text))
        position = match.end()
    return tokens


class _Parser:
    def __init__(self, tokens: list[tuple[str, str]]) -> None:
        self.tokens = tokens
        self.at = 0

    def peek(self) -> tuple[str, str]:
        return self.tokens[self.at] if self.at < len(self.tokens) else ("end", "<EOF>")

    def take(self) -> tuple[str, str]:
        token = self.peek()
        self.at += 1
        return token

    def next_is(self, word: str) -> bool:
        kind, text = self.peek()
        return kind in ("word", "sign") and text.upper() == word

    def accept(self, word: str) -> bool:
        if self.next_is(word):
            self.at += 1
            return True
        return False

    def expect(self, word: str) -> None:
        if not self.accept(word):
            raise faults.query_syntax(self.peek()[1])

    def name(self) -> str:
        kind, text = self.take()
        if kind != "word":
            raise faults.query_syntax(text)
        return text

    def query(self) -> Query:
        self.expect("SELECT")
        count, columns = self._columns()
        self.expect("FROM")
        entity = self.name()
        conditions: list[Condition] = []
        order: list[tuple[str, bool]] = []
        start, maximum = 1, 100
        if self.accept("WHERE"):
            conditions.append(self._condition())
            while self.accept("AND"):
                conditions.append(self._condition())
        while self.peek()[0] != "end":
            if self.accept("ORDERBY") or (self.accept("ORDER") and self._by()):
                order = self._order()
            elif self.accept("STARTPOSITION"):
                start = self._integer()
            elif self.accept("MAXRESULTS"):
                maximum = self._integer()
            else:
                raise faults.query_syntax(self.peek()[1])
        return Query(entity, columns, count, tuple(conditions), tuple(order), start, maximum)

    def _by(self) -> bool:
        self.expect("BY")
        return True

    def _columns(self) -> tuple[bool, tuple[str, ...]]:
        if self.next_is("COUNT"):
            self.take()
            for word in ("(", "*", ")"):
                self.expect(word)
            return True, ()
        columns: list[str] = []
        while True:
            columns.append("*" if self.accept("*") else self.name())
            if not self.accept(","):
                break
        return False, () if columns == ["*"] else tuple(columns)

    def _condition(self) -> Condition:
        field = self.name()
        kind, text = self.take()
        operator = text.upper()
        if kind == "sign" and text in OPERATORS:
            return Condition(field, text, (self._value(),))
        if kind == "word" and operator == "LIKE":
            return Condition(field, operator, (self._value(),))
        if kind == "word" and operator == "IN":
            self.expect("(")
            values = [self._value()]
            while self.accept(","):
                values.append(self._value())
            self.expect(")")
            return Condition(field, operator, tuple(values))
        raise faults.query_syntax(text)

    def _value(self) -> str:
        kind, text = self.take()
        if kind not in ("text", "bare", "word") or (kind == "word" and text.upper() in CLAUSES):
            raise faults.query_syntax(text)
        return text

    def _order(self) -> list[tuple[str, bool]]:
        order: list[tuple[str, bool]] = []
        while True:
            field = self.name()
            descending = self.accept("DESC")
            if not descending:
                self.accept("ASC")
            order.append((field, descending))
            if not self.accept(","):
                return order

    def _integer(self) -> int:
        text = self.take()[1]
        if not re.fullmatch(r"-?\d+", text):
            raise faults.query_syntax(text)
        return int(text)
