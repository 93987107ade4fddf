#!/usr/bin/env python3
"""A client that holds the service to proto/dayu/v1/dayu.proto on the small test district.

    service_client.py ADDRESS [--start-only]

Exit 0 when every answer is as promised.
"""
import hashlib
import json
import pathlib
import sys
import tempfile
import time
import uuid

import grpc

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "examples"))
import run_scenario

PARENT = "districts/small"


def refused(code, call, request, word=""):
    try:
        answer = call(request)
        list(answer) if hasattr(answer, "__iter__") else None
    except grpc.RpcError as e:
        assert e.code() == code, f"{e.code()} instead of {code}: {e.details()}"
        assert e.details() and word in e.details(), e.details()
        return
    raise AssertionError(f"{request} was not refused")


def health(channel, service=""):
    """grpc.health.v1.Health/Check without its stubs: field 1 of both messages."""
    name = service.encode()
    call = channel.unary_unary("/grpc.health.v1.Health/Check", request_serializer=lambda b: b, response_deserializer=lambda b: b)
    return call(b"" if not name else bytes([10, len(name)]) + name)


def queries(dayu, pb):
    point = lambda x, y: pb.Point(x_m=510000 + x, y_m=3345000 + y)

    def ids(**place):
        layers = place.pop("layers", [])
        return [a.id for a in dayu.QueryAssets(pb.QueryAssetsRequest(parent=PARENT, layers=layers, **place)).assets]

    assert ids(box=pb.Box(min=point(480, 580), max=point(515, 605)), layers=["waterlogging_points", "shelters"]) == ["BN-3", "JS-1"]
    near = dayu.QueryAssets(pb.QueryAssetsRequest(parent=PARENT, layers=["shelters"], nearest=pb.Nearest(to=point(900, 880), count=2)))
    assert [a.id for a in near.assets] == ["BN-2", "BN-3"], near
    assert abs(near.assets[0].distance_m - 20.0) < 1e-6 and near.assets[0].title == "北坡中学", near.assets[0]
    assert json.loads(near.assets[0].details_json), near.assets[0]
    assert ids(radius=pb.Radius(centre=point(900, 300), radius_m=60.0), layers=["shelters", "population"]) == ["BN-1"]
    assert set(ids(radius=pb.Radius(centre=point(900, 300), radius_m=80.0), layers=["shelters", "population"])) == {"BN-1", "RK-3"}
    triangle = pb.Polygon(ring=[point(850, 200), point(1000, 200), point(900, 400)])
    assert ids(polygon=triangle, layers=["shelters", "population"]) == ["BN-1", "RK-3"]
    whole = pb.Box(min=point(0, 0), max=point(1200, 1200))
    first = dayu.QueryAssets(pb.QueryAssetsRequest(parent=PARENT, box=whole, page_size=7))
    seen, token = [a.id for a in first.assets], first.next_page_token
    while token:
        more = dayu.QueryAssets(pb.QueryAssetsRequest(parent=PARENT, box=whole, page_size=7, page_token=token))
        seen, token = seen + [a.id for a in more.assets], more.next_page_token
    assert len(seen) == len(set(seen)) == first.total and first.total > 70, (len(seen), first.total)
    bad = grpc.StatusCode.INVALID_ARGUMENT
    refused(bad, dayu.QueryAssets, pb.QueryAssetsRequest(parent=PARENT), "box")
    refused(bad, dayu.QueryAssets, pb.QueryAssetsRequest(parent=PARENT, box=pb.Box(min=point(9, 9), max=point(0, 0))))
    refused(bad, dayu.QueryAssets, pb.QueryAssetsRequest(parent=PARENT, box=whole, layers=["shelter"]), "shelters")
    refused(bad, dayu.QueryAssets, pb.QueryAssetsRequest(parent=PARENT, radius=pb.Radius(centre=point(0, 0), radius_m=float("nan"))))
    refused(bad, dayu.QueryAssets, pb.QueryAssetsRequest(parent=PARENT, box=whole, page_size=100000))
    refused(grpc.StatusCode.NOT_FOUND, dayu.QueryAssets, pb.QueryAssetsRequest(parent="districts/nowhere", box=whole), "nowhere")


def main():
    with tempfile.TemporaryDirectory() as folder, grpc.insecure_channel(sys.argv[1]) as channel:
        pb, pb_grpc, lro, lro_grpc = run_scenario.stubs(folder)
        dayu, operations = pb_grpc.DayuStub(channel), lro_grpc.OperationsStub(channel)
        if "--start-only" in sys.argv:
            operation = dayu.RunScenario(pb.RunScenarioRequest(parent=PARENT, scenario="small-storm"))
            metadata = pb.RunMetadata()
            operation.metadata.Unpack(metadata)
            refused(grpc.StatusCode.FAILED_PRECONDITION, dayu.ListPackages, pb.ListPackagesRequest(parent=metadata.run))
            for _ in range(600):
                operation = operations.GetOperation(lro.GetOperationRequest(name=operation.name))
                operation.metadata.Unpack(metadata)
                if metadata.stage == "simulate":
                    return
                assert not operation.done, operation
                time.sleep(0.05)
            raise AssertionError(f"the run did not come to simulate: {metadata}")

        # 1 = SERVING
        assert health(channel) == b"\x08\x01" and health(channel, "dayu.v1.Dayu") == b"\x08\x01"
        districts = dayu.ListDistricts(pb.ListDistrictsRequest()).districts
        assert [d.id for d in districts] == ["small"] and list(districts[0].scenarios) == ["small-storm"], districts
        counts = {c.layer: c.objects for c in districts[0].layers}
        assert counts["shelters"] == 3 and counts["roads"] == 60 and districts[0].crs == "EPSG:4549", counts
        assert not {"households", "contacts"} & set(counts), "a protected register is listed"
        queries(dayu, pb)

        ask = lambda **k: pb.RunScenarioRequest(**{"parent": PARENT, "scenario": "small-storm", "levels": ["IV"], **k})
        refused(grpc.StatusCode.NOT_FOUND, dayu.RunScenario, ask(scenario="unknown"), "small-storm")
        refused(grpc.StatusCode.INVALID_ARGUMENT, dayu.RunScenario, ask(levels=["V"]))
        refused(grpc.StatusCode.INVALID_ARGUMENT, dayu.RunScenario, ask(request_id="no-uuid"))
        request = str(uuid.uuid4())
        first = dayu.RunScenario(ask(request_id=request))
        again = dayu.RunScenario(ask(request_id=request))
        assert first.name == again.name, "the same request started a second run"
        refused(grpc.StatusCode.ALREADY_EXISTS, dayu.RunScenario, ask(request_id=request, levels=["II"]))
        other = dayu.RunScenario(ask())
        assert other.name != first.name
        operations.CancelOperation(lro.CancelOperationRequest(name=other.name))

        metadata = pb.RunMetadata()
        first.metadata.Unpack(metadata)
        events = list(dayu.WatchRun(pb.WatchRunRequest(name=metadata.run)))
        told = [e for e in events if not e.heartbeat]
        assert told[-1].done and not told[-1].error, told[-1]
        assert [e.id for e in told] == list(range(1, len(told) + 1)), "events are numbered without a gap"
        assert all(a.fraction <= b.fraction for a, b in zip(told, told[1:])), "progress runs backwards"
        resumed = [e for e in dayu.WatchRun(pb.WatchRunRequest(name=metadata.run, resume_after=told[2].id)) if not e.heartbeat]
        assert [e.id for e in resumed] == [e.id for e in told[3:]], "resuming gives the rest"
        done = operations.WaitOperation(lro.WaitOperationRequest(name=first.name))
        assert done.done and done.HasField("response"), done
        cancelled = operations.WaitOperation(lro.WaitOperationRequest(name=other.name))
        assert cancelled.done and cancelled.error.code == grpc.StatusCode.CANCELLED.value[0], cancelled

        answer = dayu.GetRecommendation(pb.GetRecommendationRequest(name=metadata.run))
        chains = {r.chain: r for r in answer.recommendations}
        assert chains["flood"].level and chains["flood"].trace, answer
        packages = dayu.ListPackages(pb.ListPackagesRequest(parent=metadata.run)).packages
        assert [p.level for p in packages] == ["IV"], packages
        whole = b"".join(c.data for c in dayu.DownloadPackage(pb.DownloadPackageRequest(name=packages[0].name, path="map.gpkg")))
        said = next(f for f in packages[0].files if f.path == "map.gpkg")
        assert hashlib.sha256(whole).hexdigest() == said.sha256
        rest = b"".join(c.data for c in dayu.DownloadPackage(pb.DownloadPackageRequest(name=packages[0].name, path="map.gpkg", offset=1000)))
        assert rest == whole[1000:], "a download can be resumed"
        missing = grpc.StatusCode.NOT_FOUND
        refused(missing, dayu.DownloadPackage, pb.DownloadPackageRequest(name=packages[0].name, path="../../summary.json"))
        refused(missing, dayu.DownloadPackage, pb.DownloadPackageRequest(name=packages[0].name.replace("IV", "I")))
        refused(missing, dayu.ListPackages, pb.ListPackagesRequest(parent=metadata.run + "x"))
        refused(missing, operations.GetOperation, lro.GetOperationRequest(name="operations/none"))
    print("every answer is as promised")


if __name__ == "__main__":
    main()
