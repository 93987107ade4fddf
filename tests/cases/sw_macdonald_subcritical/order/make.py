#!/usr/bin/env python3
"""Bed and answers of the subcritical MacDonald channel on 5 m cells (Delestre et al. 2013, SWASHES 3.2.1, without rain).

Given h(x), steady flow asks for the bed z' = (q²/(g h³) − 1) h' − n² q²/h^(10/3), z(1000 m) = 0: integrated here by Simpson's rule on
1/128 of a cell, h' in closed form. The bed of a cell is its mean: cells of 10, 20 and 40 m take the means of these. Answers stand at the centres of all four sizes.
Standard library only; writes beside itself."""
import math
import pathlib

G, Q, N, LENGTH, CELL, ROWS, PARTS = 9.81, 2.0, 0.033, 1000.0, 5.0, 8, 64


def depth(x):
    return (4 / G) ** (1 / 3) * (1 + 0.5 * math.exp(-16 * (x / LENGTH - 0.5) ** 2))


def rise(x):
    """dz/dx"""
    h = depth(x)
    bump = (4 / G) ** (1 / 3) * 0.5 * math.exp(-16 * (x / LENGTH - 0.5) ** 2)
    slope = bump * -32 * (x / LENGTH - 0.5) / LENGTH
    return (Q**2 / (G * h**3) - 1) * slope - N**2 * Q**2 / h ** (10 / 3)


def beds(half_cells):
    """Beds at multiples of half a cell from the west, by Simpson's rule backwards from the east."""
    at = [0.0] * (half_cells + 1)
    step = CELL / 2 / PARTS
    for k in range(half_cells - 1, -1, -1):
        x = k * CELL / 2
        parts = (rise(x + i * step) + 4 * rise(x + (i + 0.5) * step) + rise(x + (i + 1) * step) for i in range(PARTS))
        at[k] = at[k + 1] - math.fsum(parts) * step / 6
    return at


def mean(bed, cell):
    """Mean of a cell by Simpson's rule."""
    return (bed[2 * cell] + 4 * bed[2 * cell + 1] + bed[2 * cell + 2]) / 6


here = pathlib.Path(__file__).parent
cells = round(LENGTH / CELL)
bed = beds(2 * cells)
row = " ".join(f"{mean(bed, i):.9f}" for i in range(cells))
head = f"ncols {cells}\nnrows {ROWS}\nxllcorner 0.0\nyllcorner 0.0\ncellsize {CELL}\nNODATA_value -9999\n"
(here / "dem.asc").write_text(head + (row + "\n") * ROWS)
centres = sorted({(i + 0.5) * size for size in (5.0, 10.0, 20.0, 40.0) for i in range(round(LENGTH / size))})
lines = [f"{x:.10g},{depth(x):.10f},{Q:.10g}" for x in centres]
(here / "expected.csv").write_text("x_m,h_m,q_m2s\n" + "\n".join(lines) + "\n")
