# SPDX-License-Identifier: Apache-2.0
"""
The columns of a feature vector: their names, their order, and who may look at them.

One schema says it all, and a model carries the digest of the one that it was trained with: a vector of another
schema is refused, never made to fit.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray


class Column(NamedTuple):
    """
    One column.

    Attributes:
        name: As ``address.failures_1h``: its group, a dot, and what it tells.
        log: Whether the vector holds log(1 + x) of the count, rather than x.
        reveals: Whether it tells if the password is right.  The head that judges a right password must not know.
        text: What it means, as the middle of a sentence; ``{}`` stands for the value before the logarithm.
        silent: Whether it is kept for those who choose their own columns, and no head looks at it by default.
    """

    name: str
    log: bool
    text: str
    reveals: bool = False
    silent: bool = False

    @property
    def group(self) -> str:
        """The part of the name before the dot."""
        return self.name.partition(".")[0]


class Schema:
    """
    A fixed order of columns.

    Args:
        columns: In the order of the vector.

    Attributes:
        columns: As given.
        names: Their names.
        digest: Changes with any change of names, order or logarithms; 16 hexadecimal digits.
        guess: Indices of the columns for the question whether an attempt is a guess.
        accept: The same for the question whether a right password is to be accepted.

    >>> schema = Schema([Column("a.x", True, "{} x"), Column("a.right", False, "right", reveals=True)])
    >>> len(schema), schema.guess.tolist(), schema.accept.tolist()
    (2, [0, 1], [0])
    """

    def __init__(self, columns: Sequence[Column]) -> None:
        self.columns = tuple(columns)
        self.names = tuple(column.name for column in columns)
        text = "\n".join(f"{column.name} {column.log:d} {column.reveals:d}" for column in columns)
        self.digest = blake2b(text.encode(), digest_size=8).hexdigest()
        self._is_log = np.array([column.log for column in columns], dtype=bool)
        self.guess = np.array([place for place, column in enumerate(columns) if not column.silent], dtype=np.intp)
        self.accept = np.array(
            [place for place, column in enumerate(columns) if not (column.silent or column.reveals)], dtype=np.intp
        )

    def __len__(self) -> int:
        return len(self.columns)

    def place(self, name: str) -> int:
        """Return the index of a column; raises ValueError for a name that is not there."""
        return self.names.index(name)

    def vector(self, values: Sequence[float] | NDArray[np.float64]) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
        """
        Return the vector of one attempt.

        Args:
            values: One number per column, counts before their logarithm; NaN where nothing is known.

        Raises:
            ValueError: there are more or fewer values than columns.
        """
        if len(values) != len(self.columns):
            raise ValueError(f"{len(values)} values for {len(self.columns)} columns")
        vector = np.array(values, dtype=np.float32)
        np.log1p(vector, vector, where=self._is_log)
        return vector
