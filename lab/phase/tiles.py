"""A rectangle cut into cells, and the cells at which a class changes cut again: a quadtree, as integers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Tiles:
    """Cells that cover the unit square once. At level l it is cut into nx 2^l by ny 2^l; a cell is one of these.

    level, i, j: `(m,)`, the cell's level, column and row.
    """

    nx: int
    ny: int
    level: Ints
    i: Ints
    j: Ints

    def corners(self) -> tuple[Floats, Floats, Floats, Floats]:
        """Return x0, x1, y0, y1, each `(m,)`, in [0, 1]."""
        width, height = 1 / (self.nx << self.level), 1 / (self.ny << self.level)
        return self.i * width, (self.i + 1) * width, self.j * height, (self.j + 1) * height

    def painted(self, depth: int) -> Ints:
        """Return for each cell of the finest grid, `(ny 2^depth, nx 2^depth)`, the index of the cell that covers it."""
        grid = np.full((self.ny << depth, self.nx << depth), -1, dtype=np.int64)
        for index, (level, i, j) in enumerate(zip(self.level, self.i, self.j, strict=True)):
            size = 1 << (depth - int(level))
            grid[j * size : (j + 1) * size, i * size : (i + 1) * size] = index
        return grid


def coarse(nx: int, ny: int) -> Tiles:
    """Return the uniform grid of level 0, row by row."""
    j, i = np.divmod(np.arange(nx * ny), nx)
    return Tiles(nx, ny, np.zeros(nx * ny, dtype=np.int64), i, j)


def at_a_change(tiles: Tiles, classes: Ints, depth: int) -> Bools:
    """Return which cells touch, at an edge or a corner, one of another class, `(m,)`. depth: at least every level."""
    grid = tiles.painted(depth)
    changes = np.zeros(len(classes), dtype=np.bool_)
    here, there = slice(None, -1), slice(1, None)
    every = slice(None)
    pairs = (((every, here), (every, there)), ((here, every), (there, every)),
             ((here, here), (there, there)), ((here, there), (there, here)))  # fmt: skip
    for a, b in pairs:
        one, other = grid[a].ravel(), grid[b].ravel()
        differ = classes[one] != classes[other]
        changes[one[differ]] = True
        changes[other[differ]] = True
    return changes


def split(tiles: Tiles, which: Bools) -> tuple[Tiles, Tiles]:
    """Return the cells that stay, and the four quarters of each of the others."""
    stays = Tiles(tiles.nx, tiles.ny, tiles.level[~which], tiles.i[~which], tiles.j[~which])
    level, i, j = (np.repeat(a[which], 4) for a in (tiles.level, tiles.i, tiles.j))
    quarter = np.tile(np.arange(4), int(which.sum()))
    return stays, Tiles(tiles.nx, tiles.ny, level + 1, 2 * i + quarter % 2, 2 * j + quarter // 2)


def joined(a: Tiles, b: Tiles) -> Tiles:
    """Return the cells of both, a's first."""
    return Tiles(a.nx, a.ny, *(np.concatenate([getattr(t, k) for t in (a, b)]) for k in ("level", "i", "j")))
