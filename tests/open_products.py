#!/usr/bin/env python3
"""Opens every product of a package with software that is not ours, and says what is wrong with any.

    open_products.py PACKAGE_DIR

Needs openpyxl, python-docx, pyarrow (deploy/setup.sh test makes the environment) and the programs gdalinfo, ogrinfo, pdftotext,
pdfinfo, pdffonts and chromium. Exit 0 when all of it opens and holds what it must.
"""
import csv
import json
import pathlib
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import zlib

import docx
import openpyxl
import pyarrow.parquet

LEVEL_WORDS = {"attention": "关注级", "IV": "Ⅳ级", "III": "Ⅲ级", "II": "Ⅱ级", "I": "Ⅰ级"}


def tool(*arguments, limit=120):
    done = subprocess.run([str(a) for a in arguments], capture_output=True, timeout=limit)
    text = done.stdout.decode("utf-8", "replace")
    assert done.returncode == 0, f"{arguments[0]} ended with {done.returncode}: {done.stderr.decode('utf-8', 'replace')[-800:]}"
    return text


class Package:
    def __init__(self, folder):
        self.folder = folder
        self.manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
        self.list = json.loads((folder / "list.json").read_text("utf-8"))
        self.word = LEVEL_WORDS[self.manifest["level"]]
        with open(folder / "table.csv", encoding="utf-8-sig", newline="") as f:
            self.rows = list(csv.DictReader(f))

    def path(self, name):
        return self.folder / name


def map_gpkg(p):
    names = [m.group(1) for m in re.finditer(r"^\d+: (\S+)", tool("ogrinfo", "-ro", p.path("map.gpkg")), flags=re.M)]
    spatial = [n for n in names if n != "layer_styles"]
    wanted = {"district", "towns", "grids", "roads", "waterlogging_points", "shelters", "transfers", "routes"}
    assert wanted <= set(spatial), sorted(spatial)
    for name in spatial:
        about = tool("ogrinfo", "-ro", "-so", p.path("map.gpkg"), name)
        assert int(re.search(r"Feature Count: (\d+)", about).group(1)) > 0, f"{name} is empty"
        assert "CGCS2000 / 3-degree Gauss-Kruger CM 120E" in about, f"{name} has no CRS"
        fields = re.findall(r"^(\w+): (?:String|Integer|Integer64|Real)", about, flags=re.M)
        assert fields[:3] == ["object_id", "name", "colour"], f"{name}: {fields}"
    sql = "SELECT f_table_name AS layer, length(styleQML) AS size, useAsDefault AS first FROM layer_styles"
    styles = tool("ogrinfo", "-ro", "-q", p.path("map.gpkg"), "-sql", sql)
    styled = set(re.findall(r"layer \(String\) = (\S+)", styles))
    sizes = [int(n) for n in re.findall(r"size \(Integer\) = (\d+)", styles)]
    assert styled == set(spatial), f"styled are {sorted(styled)}, layers {sorted(spatial)}"
    assert len(sizes) == len(spatial) and min(sizes) > 200, sizes
    return f"{len(spatial)} layers, all styled"


def hazard_tif(p):
    info = json.loads(tool("gdalinfo", "-json", "-stats", p.path("hazard.tif")))
    assert info["metadata"]["IMAGE_STRUCTURE"]["LAYOUT"] == "COG", info["metadata"]
    band = info["bands"][0]
    assert band["noDataValue"] == -9999 and band["type"] == "Int16", band
    assert 0 <= band["minimum"] <= band["maximum"] <= 6, band
    assert "4549" in info["coordinateSystem"]["wkt"] or "CGCS2000" in info["coordinateSystem"]["wkt"]
    # The layout of a COG: all directories before the first byte of an image, the full image's directory first.
    head = p.path("hazard.tif").read_bytes()[:400]
    assert head[:2] in (b"II", b"MM") and b"LAYOUT=IFDS_BEFORE_DATA" in head, "no ghost area of a COG"
    for aux in p.folder.glob("*.aux.xml"):
        aux.unlink()
    return f"{info['size'][0]} × {info['size'][1]}, COG, classes {band['minimum']:.0f}–{band['maximum']:.0f}"


def map_png(p):
    return png(p, "map.png")


def members_png(p):
    return png(p, "members.png") if p.path("members.png").is_file() else "none: a single run"


def typhoon_png(p):
    return png(p, "typhoon.png") if p.path("typhoon.png").is_file() else "none: no track in this run"


def png(p, name):
    data = p.path(name).read_bytes()
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    at, pixels, size = 8, b"", None
    while at < len(data):
        length, kind = struct.unpack(">I4s", data[at:at + 8])
        body = data[at + 8:at + 8 + length]
        assert struct.unpack(">I", data[at + 8 + length:at + 12 + length])[0] == zlib.crc32(kind + body), f"{kind} is damaged"
        if kind == b"IHDR":
            size = struct.unpack(">II", body[:8])
        pixels += body if kind == b"IDAT" else b""
        at += 12 + length
    raw = zlib.decompress(pixels)
    assert size[0] >= 1600 and size[1] >= 1000, size
    assert len(set(raw[::997])) > 20, "the picture is blank"
    return f"{size[0]} × {size[1]}"


def pdf(p, name, wide, words):
    info = tool("pdfinfo", p.path(name))
    width, height = map(float, re.search(r"Page size:\s+([\d.]+) x ([\d.]+)", info).groups())
    pages = int(re.search(r"Pages:\s+(\d+)", info).group(1))
    wanted = (1190.55, 841.89) if wide else (595.28, 841.89)  # A3 across, A4 upright, in points
    assert abs(width - wanted[0]) < 2 and abs(height - wanted[1]) < 2, f"page {width} × {height}"
    text = tool("pdftotext", "-layout", p.path(name), "-")
    flat = re.sub(r"\s", "", text)
    for word in words:
        assert word in flat, f"'{word}' does not stand in {name}: {flat[:600]}"
    for wrong in ("\ufffd", "\u0000", "□", "NaN", "null", "None"):
        assert wrong not in text, f"{name} holds {wrong!r}"
    fonts = [line for line in tool("pdffonts", p.path(name)).splitlines()[2:] if line.strip()]
    assert fonts and all(" yes " in line for line in fonts), "a font is not embedded: " + "\n".join(fonts)
    return f"{pages} page(s), {len(flat)} characters"


def map_pdf(p):
    return pdf(p, "map.pdf", True, [p.word, "复盘", "图例", "构造", p.manifest["as_of"][:4]])


def list_pdf(p):
    unplaced = [str(p.list["totals"][k]) for k in ("to_move", "to_house")]
    return pdf(p, "list.pdf", False, [p.word, "复盘", re.sub(r"\s", "", p.list["title"]["zh"]), p.list["number"], *unplaced])


def list_docx(p):
    document = docx.Document(p.path("list.docx"))
    text = "\n".join(x.text for x in document.paragraphs) + "\n" + "\n".join(
        c.text for t in document.tables for r in t.rows for c in r.cells)
    for word in (p.list["title"]["zh"], p.list["number"], p.word, "复盘", str(p.list["totals"]["to_move"])):
        assert word in text, f"'{word}' does not stand in list.docx: {text[:500]}"
    for action in p.list["actions"]:
        assert action["action"]["zh"] in text, f"an action is missing: {action['action']['zh']}"
    return f"{len(document.paragraphs)} paragraphs, {len(document.tables)} tables"


def list_json(p):
    assert p.list["totals"] == {k: p.manifest["totals"][k] for k in p.list["totals"]}
    assert p.list["actions"] and p.list["reasons"] and p.list["feedback"]
    return f"{len(p.list['actions'])} actions"


def messages_txt(p):
    text = p.path("messages.txt").read_text("utf-8")
    assert text.startswith("【复盘】") and p.word in text
    return f"{text.count('【复盘】')} messages"


def table_xlsx(p):
    book = openpyxl.load_workbook(p.path("table.xlsx"))
    towns = {r["town"] for r in p.rows if r["town"]}
    rows_seen = 0
    for sheet in book.worksheets:
        if sheet.max_row < 3:
            continue
        assert sheet.freeze_panes, f"{sheet.title}: the header is not frozen"
        if sheet.auto_filter.ref:
            rows_seen += 1
    assert rows_seen >= 2, "no filters"
    assert {"南镇", "北镇"} <= set(book.sheetnames) or len(towns & set(book.sheetnames)) >= 1, book.sheetnames
    filled = {c.fill.fgColor.rgb for s in book.worksheets for r in s.iter_rows(max_row=60) for c in r if c.fill and c.fill.fill_type == "solid"}
    conditional = sum(len(s.conditional_formatting) for s in book.worksheets)
    assert len(filled) >= 3 or conditional > 0, "no colours by state"
    main = max(book.worksheets, key=lambda s: s.max_row)
    ids = {str(c.value) for row in main.iter_rows() for c in row if c.value is not None}
    missing = {r["object_id"] for r in p.rows} - ids
    assert not missing, f"objects are missing in '{main.title}': {sorted(missing)[:5]}"
    evacuation(p, book)
    return f"sheets {', '.join(book.sheetnames)}"


def evacuation(p, book):
    """镇街转移汇总, 村社转移汇总, 转移人员清单 and 避灾安置场所看板 count what the rows of the table count."""
    def rows(title):
        head, *body = book[title].iter_rows(values_only=True)
        return head, body[: next(k for k, r in enumerate(body) if r[0] == "合计")], body

    whole = {k: sum(int(r[k] or 0) for r in p.rows if r["item"] == "转移") for k in ("to_move", "to_house", "unplaced")}
    if whole["to_move"] == 0:
        assert "镇街转移汇总" not in book.sheetnames
        return
    for title in ("镇街转移汇总", "村社转移汇总", "转移人员清单"):
        head, body, _ = rows(title)
        for words, key in (("应转移(人)", "to_move"), ("需集中安置(人)", "to_house"), ("未落实(人)", "unplaced")):
            at = head.index(words)
            assert sum(r[at] or 0 for r in body) == whole[key], f"{title} {words}"
    if "避灾安置场所看板" in book.sheetnames:
        head, body, _ = rows("避灾安置场所看板")
        planned, beds = head.index("计划安置(人)"), head.index("床位(人)")
        assert sum(r[planned] for r in body) == whole["to_house"] - whole["unplaced"]
        assert all(r[beds] is None or r[planned] <= r[beds] for r in body), "a shelter over capacity"
        hours = [k for k, words in enumerate(head) if words and words.endswith("已到(人)")]
        assert all(r[a] <= r[b] <= r[planned] for r in body for a, b in zip(hours, hours[1:])), "people go back"


def table_csv(p):
    raw = p.path("table.csv").read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf"), "spreadsheet programs need the mark"
    assert list(p.rows[0])[0] == "object_id"
    assert all(None not in r and None not in r.values() for r in p.rows), "a row has another number of fields"
    return f"{len(p.rows)} rows × {len(p.rows[0])} columns"


def table_parquet(p):
    table = pyarrow.parquet.read_table(p.path("table.parquet"))
    heads = list(p.rows[0])
    assert table.column_names == heads, (table.column_names, heads)
    assert table.num_rows == len(p.rows)
    for name in heads:
        for k, (value, text) in enumerate(zip(table.column(name).to_pylist(), (r[name] for r in p.rows))):
            if value is None:
                assert text == "", f"row {k} {name}: {text!r} in the CSV, nothing in the Parquet"
            elif isinstance(value, (int, float)):
                assert text != "" and abs(float(text) - value) <= 0.01 * max(1.0, abs(value)), f"row {k} {name}: {text!r} and {value!r}"
            else:
                assert str(value) == text, f"row {k} {name}: {text!r} and {value!r}"
    return f"{table.num_rows} rows, equal to the CSV"


def map_html(p):
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    assert chromium, "chromium is missing: run deploy/setup.sh test"
    page = p.path("map.html")
    text = page.read_text("utf-8")
    outside = re.findall(r"""(?:\bsrc|<link[^>]*href)\s*=\s*["'](https?:[^"']+)""", text)
    assert not outside, f"the page asks for {outside}"
    assert "default-src 'none'" in text, "the page does not forbid the network to itself"
    with tempfile.TemporaryDirectory() as profile:
        # Every name resolves to nothing: what the page shows, it brings along.
        done = subprocess.run(
            [chromium, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
             "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage", "--host-resolver-rules=MAP * ~NOTFOUND",
             f"--user-data-dir={profile}", "--enable-logging=stderr", "--v=0", "--window-size=1400,900", "--virtual-time-budget=8000",
             "--dump-dom", page.resolve().as_uri()], capture_output=True, timeout=180)
    dom, log = done.stdout.decode("utf-8", "replace"), done.stderr.decode("utf-8", "replace")
    assert done.returncode == 0, log[-800:]
    console = [line for line in log.splitlines() if "CONSOLE" in line]
    assert not console, f"the console speaks: {console[:3]}"
    assert re.search(r'<div id="map"[^>]*class="[^"]*leaflet-container', dom), "the map was not built"
    assert dom.count("leaflet-marker-icon") >= 5 and "<canvas" in dom, "the map shows no features"
    shown = re.sub(r"<script.*?</script>", "", dom, flags=re.S)
    for word in (p.word, "复盘", "图层", "图例", str(p.manifest["totals"]["to_move"])):
        assert word in shown, f"'{word}' is not on the page"
    return f"{dom.count('leaflet-marker-icon')} markers, console silent"


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    # A copy: GDAL and Chromium may write beside what they read, and a package must stay as it is.
    with tempfile.TemporaryDirectory() as work:
        folder = pathlib.Path(work) / "package"
        shutil.copytree(sys.argv[1], folder)
        package, wrong = Package(folder), 0
        for name, check in [("map.gpkg", map_gpkg), ("hazard.tif", hazard_tif), ("map.png", map_png), ("typhoon.png", typhoon_png), ("members.png", members_png), ("map.pdf", map_pdf), ("list.pdf", list_pdf),
                            ("list.docx", list_docx), ("list.json", list_json), ("messages.txt", messages_txt), ("table.xlsx", table_xlsx),
                            ("table.csv", table_csv), ("table.parquet", table_parquet), ("map.html", map_html)]:
            try:
                print(f"ok    {name:14} {check(package)}", flush=True)
            except Exception as e:
                wrong += 1
                print(f"WRONG {name:14} {type(e).__name__}: {e}", flush=True)
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
