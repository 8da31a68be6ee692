# SPDX-License-Identifier: Apache-2.0
"""What a part found out: ratios with what must be reached, tables of figures, and remarks."""

import dataclasses


@dataclasses.dataclass(frozen=True)
class Goal:
    """One thing that must be reached. `value` None: not measured, `remark` says why.

    `sign` is "<=" or ">="; `form` renders value and limit, e.g. "{:.2f}x".
    """

    what: str
    value: float | None
    sign: str
    limit: float
    form: str = "{:.2f}x"
    remark: str = ""

    @property
    def reached(self):
        if self.value is None:
            return None
        return self.value <= self.limit if self.sign == "<=" else self.value >= self.limit

    def as_json(self):
        return {**dataclasses.asdict(self), "reached": self.reached}


@dataclasses.dataclass
class Table:
    """Figures for people. A cell is text, a number (written with the column's form) or None."""

    title: str
    columns: list  # (heading, form)
    rows: list = dataclasses.field(default_factory=list)

    def cells(self):
        """Every row as text."""
        return [[self._cell(value, form) for value, (_heading, form) in zip(row, self.columns)]
                for row in self.rows]

    @staticmethod
    def _cell(value, form):
        if value is None:
            return "-"
        return value if isinstance(value, str) else form.format(value)


@dataclasses.dataclass
class Findings:
    """All that one part has to say. `figures` is for programs: JSON, units in the names."""

    goals: list = dataclasses.field(default_factory=list)
    tables: list = dataclasses.field(default_factory=list)
    remarks: list = dataclasses.field(default_factory=list)
    figures: dict = dataclasses.field(default_factory=dict)
    seconds: float = 0  # that measuring took

    def as_json(self):
        return {"goals": [one.as_json() for one in self.goals], "figures": self.figures,
                "remarks": self.remarks, "seconds": round(self.seconds, 1)}
