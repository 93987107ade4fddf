#!/usr/bin/env python3
"""Assignment against OR-Tools SimpleMinCostFlow and POT's port of LEMON's network simplex, in one run on one machine.

usage: peers_assignment.py DAYU FOLDER [--repeats N] [NAME[:K] …]
FOLDER holds NAME.json, NAME.demand.csv, NAME.shelters.csv with the trip formula; K overrides the header's k (0 = all shelters).
Needs numpy, ortools and POT (pip). Each solver runs in a process of its own, one thread, the solvers in turn. Time is that of the solver
alone, least of N; dayu's holds pricing and the check of its proof too. Memory is the peak above the idle program (dayu), or above the
same process with the arcs read (peers).
All answers must have the same number without a bed and the same person-metres. Prints a Markdown table; exit 1 when answers differ.
"""
import argparse
import csv
import json
import os
import resource
import subprocess
import sys
import tempfile
import time

BIG = 10**8


def places(path):
    with open(path, newline="") as file:
        return list(csv.DictReader(file))


def instance(folder, name, k):
    """(people, beds, arcs as three arrays) of an instance, trips by the published formula."""
    import numpy as np

    with open(os.path.join(folder, name + ".json")) as file:
        header = json.load(file)
    k = header.get("k", 0) if k is None else k
    demand = places(os.path.join(folder, name + ".demand.csv"))
    shelters = places(os.path.join(folder, name + ".shelters.csv"))
    column = lambda rows, key: np.array([int(row[key]) for row in rows], dtype=np.int64)
    x, y, ids = (column(demand, key) for key in ("x", "y", "id"))
    sx, sy, sids = (column(shelters, key) for key in ("x", "y", "id"))
    bridges = np.array(header["bridges_x"], dtype=np.int64)
    salt = np.uint64(int(header["salt"]))
    tails, heads, costs = [], [], []
    with np.errstate(over="ignore"):
        for at in range(len(demand)):
            straight = np.abs(x[at] - sx)
            across = np.min(np.abs(x[at] - bridges)[:, None] + np.abs(bridges[:, None] - sx[None, :]), axis=0)
            same = (y[at] > header["river_y"]) == (sy > header["river_y"])
            base = np.where(same, straight, across) + np.abs(y[at] - sy)
            z = salt ^ (np.uint64(ids[at]) << np.uint64(32) | sids.astype(np.uint64))
            z = z + np.uint64(0x9E3779B97F4A7C15)
            z = (z ^ z >> np.uint64(30)) * np.uint64(0xBF58476D1CE4E5B9)
            z = (z ^ z >> np.uint64(27)) * np.uint64(0x94D049BB133111EB)
            z = z ^ z >> np.uint64(31)
            cost = base * (100 + (z % np.uint64(36)).astype(np.int64)) // 100
            kept = np.lexsort((sids, cost))[:k] if k else np.arange(len(shelters))
            tails.append(np.full(len(kept), at, dtype=np.int64))
            heads.append(kept)
            costs.append(cost[kept])
    arcs = tuple(np.concatenate(part) for part in (tails, heads, costs))
    return column(demand, "people"), column(shelters, "capacity"), arcs


def or_tools(people, beds, arcs):
    import numpy as np
    from ortools.graph.python import min_cost_flow

    tails, heads, costs = arcs
    solver = min_cost_flow.SimpleMinCostFlow()
    added = solver.add_arcs_with_capacity_and_unit_cost(tails, heads + len(people), people[tails], costs)
    sink = len(people) + len(beds)
    sites = np.arange(len(beds)) + len(people)
    solver.add_arcs_with_capacity_and_unit_cost(sites, np.full(len(beds), sink), beds, np.zeros(len(beds), dtype=np.int64))
    solver.set_nodes_supplies(np.arange(len(people)), people)
    solver.set_node_supply(sink, -int(people.sum()))
    begun = time.perf_counter()
    status = solver.solve_max_flow_with_min_cost()
    took = time.perf_counter() - begun
    assert status == solver.OPTIMAL, status
    flows = solver.flows(added)
    return took, int(people.sum() - flows.sum()), int((flows * costs).sum())


def pot(people, beds, arcs):
    import numpy as np
    import ot

    tails, heads, costs = arcs
    assert len(costs) == len(people) * len(beds), "POT solves dense problems only"
    # One site more for those without a bed, one point more for free beds.
    matrix = np.zeros((len(people) + 1, len(beds) + 1))
    matrix[: len(people), : len(beds)] = costs.reshape(len(people), len(beds))
    matrix[: len(people), len(beds)] = BIG
    total_people, total_beds = int(people.sum()), int(beds.sum())
    a = np.append(people, total_beds).astype(float)
    b = np.append(beds, total_people).astype(float)
    begun = time.perf_counter()
    flow = ot.emd(a, b, matrix, numItermax=100_000_000, numThreads=1)
    took = time.perf_counter() - begun
    placed = flow[: len(people), : len(beds)]
    return took, total_people - round(placed.sum()), round((placed * matrix[: len(people), : len(beds)]).sum())


def child(solver, folder, name, k):
    people, beds, arcs = instance(folder, name, k)
    # The arcs as they were read do not count.
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    took, left, metres = {"ortools": or_tools, "pot": pot}[solver](people, beds, arcs)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(json.dumps({"s": took, "unplaced": left, "person_metres": metres, "mb": (peak - before) / 1024}))


def peak_of(command):
    """Runs a command; what it printed and its peak memory in MB."""
    with tempfile.TemporaryFile() as out:
        process = subprocess.Popen(command, stdout=out, stderr=subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)
        out.seek(0)
        text = out.read().decode()
    if os.waitstatus_to_exitcode(status) != 0:
        return None, 0.0
    return text, usage.ru_maxrss / 1024


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("dayu")
    parser.add_argument("folder")
    parser.add_argument("names", nargs="*", default=["s070", "s095", "s105", "m095", "m105", "l095", "l095:0"])
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--child")
    given = parser.parse_args()
    if given.child:
        solver, name, k = given.child.split(",")
        return child(solver, given.folder, name, int(k) if k else None)
    _, idle = peak_of([given.dayu, "--version"])
    print(f"load at the start {os.getloadavg()[0]:.1f}; idle dayu {idle:.0f} MB; least of {given.repeats}, ms; MB above idle\n")
    print("| instance | dayu ms | MB | OR-Tools ms | MB | POT ms | MB | dayu ÷ OR-Tools | dayu ÷ POT |")
    print("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
    wrong = False
    for asked in given.names:
        name, _, k = asked.partition(":")
        runs = {"dayu": [], "ortools": [], "pot": []}
        for _ in range(given.repeats):
            with tempfile.TemporaryDirectory() as room:
                command = [given.dayu, "evacuate", os.path.join(given.folder, name + ".json"), "--out"]
                command += [os.path.join(room, "out"), "--threads", "1", "--json"] + (["--k", k] if k else [])
                text, peak = peak_of(command)
            summary = json.loads(text)
            ours = {"s": summary["wall_s"]["solve"], "mb": peak - idle}
            runs["dayu"].append(ours | {key: summary[key] for key in ("unplaced", "person_metres")})
            wrong |= summary["gap"] != 0
            for solver in ("ortools", "pot"):
                if solver == "pot" and name.startswith("l"):
                    continue
                text, _ = peak_of([sys.executable, __file__, given.dayu, given.folder, "--child", f"{solver},{name},{k}"])
                if text:
                    runs[solver].append(json.loads(text))
        best = {solver: min(list_, key=lambda run: run["s"]) if list_ else None for solver, list_ in runs.items()}
        answers = {(run["unplaced"], run["person_metres"]) for run in best.values() if run}
        wrong |= len(answers) > 1
        cells = [f"{run['s'] * 1e3:.1f} | {run['mb']:.0f}" if run else "— | —" for run in best.values()]
        ratios = [f"{best['dayu']['s'] / run['s']:.3f}" if run else "—" for run in (best["ortools"], best["pot"])]
        print(f"| {asked} | {' | '.join(cells)} | {' | '.join(ratios)} |", flush=True)
    print("\nanswers differ" if wrong else "\nall answers equal, dayu's gap 0")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
