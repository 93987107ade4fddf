#!/usr/bin/env python3
"""The Carlisle flood of January 2005 (68 h) from the files of a LISFLOOD-FP case, run by dayu: does it end, and does its water balance?

    python3 tests/carlisle.py DAYU DEM CASE OUT [--cell 5] [--scheme inertial] [--hours 68.25] [--threads 2]

DEM is a raster of the terrain in EPSG:27700; CASE the folder with the .par, .bci, .bdy and .stage of test T07 of the University of Sheffield's
collection in the LISFLOOD-FP 8 repository. Neither is part of this repository: the terrain is © Environment Agency and comes without a
licence of its own. Written to OUT: the scenario in `input/`, what `dayu simulate` writes in `simulation/`. The last lines tell what was
found; exit code 1 when the run fails or its relative volume error exceeds 1e-6. Standard library only."""
import argparse
import csv
import json
import pathlib
import subprocess
import sys
import time

LIMIT = 1e-6


def words(path):
    return [line.split() for line in path.read_text(encoding="utf-8").splitlines() if line.split() and not line.startswith("#")]


def one(folder, ending):
    found = sorted(folder.glob("*" + ending))
    if len(found) != 1:
        sys.exit(f"{folder}: {len(found)} files {ending}, one is needed")
    return found[0]


def series_of(path):
    """Name → [(s, m²/s)]."""
    rows, all_series = iter(words(path)), {}
    for name in rows:
        count = int(next(rows)[0])
        all_series[name[0]] = [(float(t), float(q)) for q, t, *_ in (next(rows) for _ in range(count))]
    return all_series


def scenario(args, case):
    par = {w[0]: w[1:] for w in words(one(case, ".par"))}
    series = series_of(one(case, ".bdy"))
    pixel = 5.0
    duration = min(float(par["sim_time"][0]), args.hours * 3600)
    text = [
        'format = 1\nid = "carlisle-2005"\nkind = "benchmark"\ndataset = "."\nstart = 2005-01-07T00:00:00Z',
        'title = { zh = "卡莱尔 2005 年 1 月洪水", en = "Carlisle, January 2005" }',
        f"duration_s = {duration:.0f}\n\n[grid]\ncell_m = {args.cell}\n",
        f'[solver]\nscheme = "{args.scheme}"\n\n[output]\ninterval_s = 900\nrasters = ["max_depth", "arrival"]\n',
    ]
    files, inflow = {}, []
    for kind, *rest in words(one(case, ".bci")):
        if kind == "P" and rest[2] == "QVAR":
            x, y, name = float(rest[0]), float(rest[1]), rest[3]
            inflow.append(series[name])
            # Per metre of cell there, m³/s per point here.
            rows = "".join(f"{t},{q * pixel:.9g}\n" for t, q in series[name])
            files[f"{name}.csv"] = "time_s,m3_s\n" + rows
            text.append(f'[[boundary]]\nkind = "inflow"\nid = "{name}-{len(inflow)}"\nseries = "{name}.csv"\nwhere = {{ point = [{x}, {y}] }}\n')
        elif kind in "NSEW" and rest[2] == "FREE":
            edge = {"N": "north", "S": "south", "E": "east", "W": "west"}[kind]
            text.append(f'[[boundary]]\nkind = "normal"\nid = "{edge}"\nslope = {rest[3]}\nwhere = {{ edge = "{edge}", from = {rest[0]}, to = {rest[1]} }}\n')
        else:
            sys.exit(f"a boundary this script does not know: {kind} {rest}")
    for k, (x, y, *_) in enumerate(words(one(case, ".stage"))[1:], 1):
        text.append(f'[[gauge]]\nid = "S{k}"\nx = {x}\ny = {y}\n')
    files["scenario.toml"] = "\n".join(text)
    files["dataset.toml"] = (
        'format = 1\nid = "carlisle"\nname = { zh = "卡莱尔", en = "Carlisle" }\ncrs = "EPSG:27700"\nvertical_datum = "ODN"\norigin = "real"\n'
        '\n[[source]]\nlayer = "terrain"\ntitle = "LiDAR, Environment Agency"\norigin = "real"\n'
        f'\n[terrain]\nelevation = "{args.dem.resolve()}"\nroughness = {par["fpfric"][0]}\n'
    )
    return files, duration


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    for name in ("dayu", "dem", "case", "out"):
        parser.add_argument(name, type=pathlib.Path)
    parser.add_argument("--cell", type=float, default=5.0)
    parser.add_argument("--scheme", default="inertial", choices=["inertial", "dynamic"])
    parser.add_argument("--hours", type=float, default=68.25)
    parser.add_argument("--threads", type=int, default=2)
    args = parser.parse_args()
    files, duration = scenario(args, args.case)
    given, out = args.out / "input", args.out / "simulation"
    given.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (given / name).write_text(content, encoding="utf-8")
    before = time.monotonic()
    command = [args.dayu, "simulate", given / "scenario.toml", "--out", out, "--threads", str(args.threads), "--overwrite"]
    ended = subprocess.run([str(c) for c in command], stdout=subprocess.DEVNULL)
    if ended.returncode:
        sys.exit(f"dayu ended with {ended.returncode}")
    told = json.loads((out / "summary.json").read_text(encoding="utf-8"))
    error = told["relative_volume_error"]
    levels = {}
    with (out / "gauges.csv").open(encoding="utf-8-sig") as rows:
        for row in csv.DictReader(rows):
            levels[row["id"]] = max(levels.get(row["id"], (0.0, 0.0)), (float(row["depth_m"]), float(row["level_m"])))
    volumes = told["volumes"]
    print(f"{duration / 3600:.2f} h, {told['active_cells']} cells of {args.cell:g} m, {args.scheme}, {told['steps']} steps")
    print(f"wall {time.monotonic() - before:.0f} s, solve {told['wall_s']['solve']:.0f} s, threads {told['threads']}")
    print(f"inflow {volumes['inflow_m3']:.0f} m3, outflow {volumes['outflow_m3']:.0f} m3, stored {volumes['stored_m3']:.0f} m3")
    print(f"relative volume error {error:.3g} (limit {LIMIT:g})")
    print("deepest at the stage points, m: " + ", ".join(f"{k} {d:.2f}" for k, (d, _) in levels.items()))
    sys.exit(0 if error <= LIMIT else 1)


if __name__ == "__main__":
    main()
