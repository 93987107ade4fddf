#!/usr/bin/env python3
"""Runs a scenario on a dayu service and saves the package of one level.

    pip install grpcio grpcio-tools
    dayu serve
    python3 examples/run_scenario.py --district xihu --scenario xihu-infa-2021 --level II --out out/from-service
"""
import argparse
import hashlib
import importlib
import os
import pathlib
import sys
import tempfile
import uuid

import grpc
import grpc_tools
from grpc_tools import protoc

PROTO = pathlib.Path(__file__).resolve().parent.parent / "proto"


def stubs(folder):
    """Generates and imports the Python side of proto/."""
    files = ["dayu/v1/dayu.proto", "google/longrunning/operations.proto", "google/rpc/status.proto"]
    well_known = os.path.join(os.path.dirname(grpc_tools.__file__), "_proto")
    arguments = ["protoc", f"-I{PROTO}", f"-I{well_known}", f"--python_out={folder}", f"--grpc_python_out={folder}", *files]
    if protoc.main(arguments) != 0:
        sys.exit("the stubs could not be generated from proto/")
    # `google` is also the name of an installed package: let it look for ours first.
    sys.path.insert(0, folder)
    import google
    google.__path__ = [os.path.join(folder, "google"), *google.__path__]
    names = ["dayu.v1.dayu_pb2", "dayu.v1.dayu_pb2_grpc", "google.longrunning.operations_pb2", "google.longrunning.operations_pb2_grpc"]
    return [importlib.import_module(name) for name in names]


def watch(dayu, pb, run):
    """Prints the progress of a run until it ends; goes on where it was when the connection breaks."""
    seen, shown = 0, None
    while True:
        try:
            for event in dayu.WatchRun(pb.WatchRunRequest(name=run, resume_after=seen)):
                if event.heartbeat:
                    continue
                seen = event.id
                if event.done:
                    if event.error:
                        sys.exit(f"the run failed: {event.error}")
                    print("100%  done", flush=True)
                    return
                line = f"{event.fraction:4.0%}  {event.stage}"
                if line != shown:
                    print(line, flush=True)
                shown = line
        except grpc.RpcError as e:
            if e.code() != grpc.StatusCode.UNAVAILABLE:
                raise


def download(dayu, pb, package, out):
    """Saves the files of a package, each chunk and file verified."""
    out.mkdir(parents=True, exist_ok=True)
    listed = {f.path: f for f in package.files}
    current, digest, size, files = None, None, 0, 0
    for chunk in dayu.DownloadPackage(pb.DownloadPackageRequest(name=package.name)):
        if hashlib.sha256(chunk.data).hexdigest() != chunk.chunk_sha256:
            sys.exit(f"{chunk.path}: a chunk at byte {chunk.offset} arrived damaged")
        if current is None:
            if pathlib.PurePosixPath(chunk.path).name != chunk.path:
                sys.exit(f"'{chunk.path}' is no plain file name")
            current, digest, size = open(out / chunk.path, "wb"), hashlib.sha256(), 0
        if chunk.offset != size:
            sys.exit(f"{chunk.path}: bytes {size} to {chunk.offset} are missing")
        current.write(chunk.data)
        digest.update(chunk.data)
        size += len(chunk.data)
        if chunk.last:
            current.close()
            said = listed.get(chunk.path)
            fits = digest.hexdigest() == chunk.file_sha256 and size == chunk.file_bytes
            if not fits or (said and (said.sha256, said.bytes) != (chunk.file_sha256, size)):
                sys.exit(f"{chunk.path}: size or SHA-256 differs from what was announced")
            print(f"{size:>10}  {chunk.file_sha256[:16]}…  {chunk.path}")
            current, files = None, files + 1
    if current is not None or files != len(listed) + 1:  # the manifest comes last
        sys.exit("the package ended early")


def main():
    p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    p.add_argument("--address", default="127.0.0.1:50070", help="of dayu serve (default %(default)s)")
    p.add_argument("--district", default="xihu", help="default %(default)s")
    p.add_argument("--scenario", default="xihu-infa-2021", help="default %(default)s")
    p.add_argument("--level", default="II", help="attention | IV | III | II | I (default %(default)s)")
    p.add_argument("--out", required=True, type=pathlib.Path, help="folder for the package")
    p.add_argument("--request-id", default=str(uuid.uuid4()), help="UUID; asked again with the same id, the same run answers")
    a = p.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        pb, pb_grpc, lro, lro_grpc = stubs(folder)
        with grpc.insecure_channel(a.address) as channel:
            try:
                main_job(a, channel, pb, pb_grpc, lro, lro_grpc)
            except grpc.RpcError as e:
                sys.exit(f"{e.code().name}: {e.details()}")


def main_job(a, channel, pb, pb_grpc, lro, lro_grpc):
    dayu, operations = pb_grpc.DayuStub(channel), lro_grpc.OperationsStub(channel)
    request = pb.RunScenarioRequest(parent=f"districts/{a.district}", scenario=a.scenario, levels=[a.level], request_id=a.request_id)
    operation = dayu.RunScenario(request)
    metadata = pb.RunMetadata()
    operation.metadata.Unpack(metadata)
    print(f"{operation.name} → {metadata.run}")
    watch(dayu, pb, metadata.run)

    operation = operations.GetOperation(lro.GetOperationRequest(name=operation.name))
    if not operation.done or operation.HasField("error"):
        sys.exit(f"the operation did not end well: {operation}")
    run = pb.Run()
    operation.response.Unpack(run)
    print(f"run_id {run.run_id}; findings: {run.errors} errors, {run.warnings} warnings, {run.infos} infos")

    for r in dayu.GetRecommendation(pb.GetRecommendationRequest(name=metadata.run)).recommendations:
        rest = f", {r.cannot_exclude} cannot be excluded" if r.cannot_exclude else ""
        print(f"{r.chain}: proposed level {r.level or 'none'}{rest}; a person decides")
        for t in r.trace:
            if t.HasField("held") and t.held:
                print(f"    {t.level}  {t.clause}  {t.condition_zh}: {t.value} (threshold {t.threshold}, {t.basis}, {t.mark})")

    packages = {p.level: p for p in dayu.ListPackages(pb.ListPackagesRequest(parent=metadata.run)).packages}
    package = packages[a.level]
    download(dayu, pb, package, a.out)
    print(f"package {package.package_id}\nsaved in {a.out}")


if __name__ == "__main__":
    main()
