#!/usr/bin/env python3
"""Members of an ensemble and a plan after a change: dayu against OR-Tools SimpleMinCostFlow, in one run on one machine.

usage: members_assignment.py DAYU FOLDER [--instance m095] [--members 100] [--compared 5] [--threads 2]
In each member a twentieth of the shelters, drawn with a fixed seed, has no beds. dayu solves all members exactly, each with its proof, and the
plan for all of them; OR-Tools solves the first `--compared` members, whose people without a bed and person-metres must be the same. Then one
shelter closes and one point of a hundred has a tenth more people: dayu computes anew (cold) and with `--from` the plan before (warm: the optimum from the
former plan and duals, then the least change, which solves several problems).
Needs numpy and ortools (pip). Prints what it measured; exit 1 when answers differ.
"""
import argparse
import csv
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time

from peers_assignment import instance, or_tools, peak_of, places

SEED = 20210726


def rewrite(path, change):
    rows = places(path)
    change(rows)
    with open(path, "w", newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys(), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def answer(dayu, problem, out, threads, *more):
    command = [dayu, "evacuate", problem, "--out", out, "--threads", str(threads), "--json", *more]
    begun = time.perf_counter()
    text, peak = peak_of(command)
    wall = time.perf_counter() - begun
    if text is None:
        sys.exit(f"{' '.join(command)} failed")
    return json.loads(text), wall, peak


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("dayu")
    parser.add_argument("folder")
    parser.add_argument("--instance", default="m095")
    parser.add_argument("--members", type=int, default=100)
    parser.add_argument("--compared", type=int, default=5)
    parser.add_argument("--threads", type=int, default=2)
    given = parser.parse_args()
    name, draw = given.instance, random.Random(SEED)
    _, idle = peak_of([given.dayu, "--version"])
    print(f"load at the start {os.getloadavg()[0]:.1f}; idle dayu {idle:.0f} MB; {given.threads} threads")
    with tempfile.TemporaryDirectory() as room:
        for part in (".json", ".demand.csv", ".shelters.csv"):
            shutil.copy(os.path.join(given.folder, name + part), room)
        problem = os.path.join(room, name + ".json")
        shelters = [row["id"] for row in places(os.path.join(room, name + ".shelters.csv"))]
        shut = [sorted(draw.sample(range(len(shelters)), max(1, len(shelters) // 20))) for _ in range(given.members)]
        before = os.path.join(room, "before")
        plain, _, _ = answer(given.dayu, problem, before, 1)
        members = os.path.join(room, name + ".members.csv")
        with open(members, "w") as file:
            file.write("member,shelter,capacity\n")
            for member, sites in enumerate(shut):
                file.writelines(f"{member},{shelters[at]},0\n" for at in sites)
        out = os.path.join(room, "members")
        summary, wall, peak = answer(given.dayu, problem, out, given.threads)
        solve = summary["wall_s"]["solve"]
        print(f"dayu: {given.members} members of {name} and the plan for all of them in {solve:.2f} s ({wall:.2f} s with files), {peak - idle:.0f} MB above idle")
        os.remove(members)
        known = {row["member"]: row for row in places(os.path.join(out, "members.csv"))}
        people, beds, arcs = instance(room, name, None)
        took, wrong = 0.0, False
        for member, sites in list(enumerate(shut))[: given.compared]:
            left = beds.copy()
            left[sites] = 0
            seconds, unplaced, metres = or_tools(people, left, arcs)
            took += seconds
            row = known[str(member)]
            wrong |= (unplaced, metres) != (int(row["known_without_bed"]), int(row["known_person_metres"]))
        if given.compared:
            print(f"OR-Tools: {took / given.compared:.2f} s a member ({given.compared} solved, one thread), {took / given.compared * given.members:.0f} s for all")

        def more_people(rows):
            for row in rows[::100]:
                row["people"] = str(int(row["people"]) + int(row["people"]) // 10)

        def no_beds(rows):
            rows[len(rows) // 2]["capacity"] = "0"

        def unstated(path):
            with open(path) as file:
                header = json.load(file)
            for key in ("people", "capacity"):
                header.pop(key, None)
            with open(path, "w") as file:
                json.dump(header, file)

        rewrite(os.path.join(room, name + ".demand.csv"), more_people)
        rewrite(os.path.join(room, name + ".shelters.csv"), no_beds)
        unstated(problem)
        cold, _, _ = answer(given.dayu, problem, os.path.join(room, "cold"), 1)
        kept, _, _ = answer(given.dayu, problem, os.path.join(room, "kept"), 1, "--from", before)
        replan = kept["replan"]
        print(
            f"after a change, one thread: first plan {plain['wall_s']['solve'] * 1e3:.0f} ms, anew {cold['wall_s']['solve'] * 1e3:.0f} ms, "
            f"optimum from the first plan {kept['wall_s']['optimum'] * 1e3:.0f} ms, with "
            f"least change {kept['wall_s']['solve'] * 1e3:.0f} ms ({replan['people_kept']} of {replan['people_ordered']} people keep their shelter, "
            f"{replan['people_kept_at_most']} at most could)"
        )
        verified = subprocess.run([given.dayu, "evacuate", "--verify", os.path.join(room, "kept")], stdout=subprocess.DEVNULL)
        wrong |= verified.returncode != 0
    print("answers differ" if wrong else "all answers compared are equal; the least-change plan verifies")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
