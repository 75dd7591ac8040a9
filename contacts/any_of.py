"""`= ANY (array)`: membership that PostgreSQL reads once, whatever it believes of the tables."""

from __future__ import annotations

from django.db.models import BooleanField, Func


class IsAnyOf(Func):
    """Whether the first expression is among the values of the second, an array.

    `IN` of a subquery reads the subquery again for every row where the planner believes a table
    to be as good as empty, and looks for each value by itself where it does not; an array is
    sorted once and found in one walk through the index.
    """

    template = "%(expressions)s)"
    arg_joiner = " = ANY ("
    output_field = BooleanField()
