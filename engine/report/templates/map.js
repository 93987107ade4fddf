"use strict";
(function () {
  const D = JSON.parse(document.getElementById("data").textContent);
  const [X0, Y0] = D.origin_m;
  const [W, H] = D.size_m;

  // Everything from data goes in as text, never as markup.
  function el(tag, attributes, ...children) {
    const node = document.createElement(tag);
    for (const [k, v] of Object.entries(attributes || {})) {
      if (k === "style") node.style.cssText = v; else node.setAttribute(k, v);
    }
    for (const child of children) if (child !== null && child !== undefined) node.append(child);
    return node;
  }
  // Drawings made by the program itself.
  function drawing(svg) {
    const span = el("span", { style: "line-height:0" });
    span.innerHTML = svg;
    return span;
  }

  // ---- head
  document.getElementById("head").append(
    el("div", {}, el("h1", {}, D.district + " " + D.title), el("div", { class: "scenario" }, D.scenario)),
    el("div", { class: "grow" }),
    el("div", { class: "advice" }, D.recommended, el("div", { class: "soft", style: "font-weight:400" }, "系统依规则提出，是否启动由指挥长决定")),
    el("div", { class: "realm", title: D.realm.note }, D.realm.zh),
    el("div", { class: "level", style: "background:" + D.level.rgb + ";color:" + D.level.ink }, D.level.zh, el("small", {}, D.level.word)));

  // ---- map: metres of the dataset's plane from the south-west corner
  const map = L.map("map", { crs: L.CRS.Simple, minZoom: -8, maxZoom: 3, zoomSnap: 0.25, preferCanvas: true, zoomControl: false, attributionControl: false });
  const box = [[0, 0], [H, W]];
  map.createPane("relief").style.zIndex = 200;
  map.createPane("depth").style.zIndex = 210;
  L.imageOverlay(IMAGES.relief, box, { pane: "relief" }).addTo(map);
  const depth = L.imageOverlay(IMAGES.depth, box, { pane: "depth", className: "pixel" }).addTo(map);
  L.control.zoom({ zoomInTitle: "放大", zoomOutTitle: "缩小" }).addTo(map);
  L.control.scale({ imperial: false, maxWidth: 180 }).addTo(map);
  L.control.attribution({ prefix: "Leaflet 1.9.4（BSD-2）" }).addAttribution("示意图，未经地图审核 · " + D.origin.zh).addTo(map);
  const where = L.control({ position: "bottomleft" });
  where.onAdd = () => el("div", { id: "where" }, D.crs_id);
  where.addTo(map);
  map.on("mousemove", (e) => {
    document.getElementById("where").textContent =
      "x " + (X0 + e.latlng.lng).toFixed(0) + "　y " + (Y0 + e.latlng.lat).toFixed(0) + " m（" + D.crs_id + "）";
  });

  // Whether dark print is read better on #rrggbb.
  function light(rgb) {
    const [r, g, b] = [1, 3, 5].map((k) => parseInt(rgb.slice(k, k + 2), 16));
    return 0.299 * r + 0.587 * g + 0.114 * b > 160;
  }

  function popup(layer, f) {
    const [id, name, [word, rgb], , , , fields] = f;
    const list = el("dl", {});
    layer.columns.forEach(([, title], k) => {
      const v = fields[k];
      if (v === null || v === undefined || v === "") return;
      const text = title === "数据来源" ? ({ real: "真实", synthetic: "构造（非真实）", mixed: "真实与构造混合" }[v] || v) : v;
      list.append(el("dt", {}, title), el("dd", {}, String(text)));
    });
    const missing = layer.columns.filter((_, k) => fields[k] === null).map((c) => c[1]);
    return el("div", {}, el("h3", {}, name),
      el("div", {}, word ? el("span", { class: "chip", style: "background:" + rgb + (light(rgb) ? ";color:#221a00" : "") }, word) : null,
        el("span", { class: "soft" }, layer.title + "　"), el("code", {}, id)),
      list, missing.length ? el("div", { class: "soft", style: "font-size:12px" }, "未知或不适用：" + missing.join("、")) : null);
  }

  // ---- layers, drawn when first shown
  const entries = [];
  function draw(layer) {
    const group = L.layerGroup();
    const points = layer.features.filter((f) => f[4] === 0).length;
    for (const f of layer.features) {
      const [, name, [, rgb, quiet], icon, kind, xy] = f;
      let shape;
      if (kind === 0 && points <= 1500) {
        shape = L.marker(xy, { icon: L.divIcon({ className: "icon", html: layer.icons[icon] || layer.icons.any, iconSize: [26, 26] }), title: name, alt: name });
      } else if (kind === 0) {
        shape = L.circleMarker(xy, { radius: 4, color: "#333", weight: 0.6, fillColor: rgb, fillOpacity: 0.9 });
      } else {
        const s = Object.assign({}, layer.style);
        if (!s.color) s.color = quiet && s.quiet ? s.quiet : rgb;
        if (s.fill && !s.fillColor) { s.fillColor = rgb; if (quiet) s.fillOpacity = 0; }
        shape = kind === 1 ? L.polyline(xy, s) : L.polygon(xy, s);
        if (layer.id === "towns") shape.bindTooltip(document.createTextNode(name), { permanent: true, direction: "center", className: "town" });
      }
      // Water and borders only carry the picture; a click on them means what lies under it.
      if (["water", "district", "towns"].includes(layer.id)) shape.options.interactive = false;
      else shape.bindPopup(() => popup(layer, f), { maxWidth: 360 });
      f.shape = shape;
      group.addLayer(shape);
    }
    return group;
  }
  function show(entry, on) {
    if (on && !entry.group) entry.group = draw(entry.layer);
    if (entry.group) { if (on) entry.group.addTo(map); else entry.group.remove(); }
    entry.box.checked = on;
  }

  // ---- side
  const side = document.getElementById("side");
  side.append(el("h2", {}, "人员"), el("div", { class: "totals" }, ...D.totals.map(([title, n, note], k) =>
    el("div", k === 3 && n > 0 ? { class: "alarm" } : {}, title, el("b", {}, n + " 人"), el("small", {}, note)))));
  const times = el("dl", {});
  [["数据截止", D.as_of], ["情景时段", D.window], ["实况预报", D.basis], ["数据龄期", D.age], ["数据性质", D.origin.zh], ...D.facts]
    .forEach(([k, v]) => times.append(el("dt", {}, k), el("dd", k === "数据性质" && D.origin.id !== "real" ? { class: "alarm" } : {}, v)));
  side.append(el("h2", {}, "时间与资料"), times);

  const find = el("input", { id: "find", type: "search", placeholder: "按名称或编号查找对象", "aria-label": "查找" });
  const found = el("ul", { id: "found" });
  side.append(el("h2", {}, "查找"), find, found);

  side.append(el("h2", {}, "图层"));
  const depthBox = el("input", { type: "checkbox" });
  depthBox.checked = true;
  depthBox.addEventListener("change", () => depthBox.checked ? depth.addTo(map) : depth.remove());
  const list = el("div", {});
  side.append(list);
  for (const layer of D.layers) {
    const box = el("input", { type: "checkbox" });
    const entry = { layer, box, group: null };
    entries.push(entry);
    box.addEventListener("change", () => show(entry, box.checked));
    list.prepend(el("label", { class: "layer", title: layer.note || "" }, box, drawing(layer.swatch), layer.title + (layer.note ? " *" : ""), el("span", { class: "n" }, String(layer.features.length))));
    // Layers are listed top first: what explains one is put in before it.
    for (const [svg, words, n] of [...layer.classes].reverse()) list.insertBefore(el("div", { class: "class" }, drawing(svg), words, el("span", { class: "n" }, String(n))), list.firstChild.nextSibling);
  }
  list.append(el("label", { class: "layer" }, depthBox, el("span", { style: "width:26px;height:14px;background:linear-gradient(90deg," + D.depths.map((d) => d.rgb).join(",") + ")" }), "最大水深"));

  // Members of an ensemble: one image at a time lies over the depth of the run.
  for (const overlay of D.overlays) {
    const image = L.imageOverlay(overlay.png, overlay.box, { pane: "depth", className: "pixel" });
    const box = el("input", { type: "checkbox" });
    box.addEventListener("change", () => box.checked ? image.addTo(map) : image.remove());
    list.append(el("label", { class: "layer", title: overlay.classes.map((c) => c[1]).join("、") }, box,
      el("span", { style: "width:26px;height:14px;flex:none;background:linear-gradient(90deg," + overlay.classes.map((c) => c[0]).join(",") + ")" }), overlay.title));
  }

  side.append(el("h2", {}, "图例"),
    ...(D.overlays.length ? D.overlays[0].classes.map((c) => el("div", { class: "key" }, el("i", { style: "background:" + c[0] }), "成员比例 " + c[1])) : []),
    ...D.colours.map((c) => el("div", { class: "key" }, drawing(c.svg), c.words)),
    el("div", { style: "height:6px" }),
    ...D.depths.map((d) => el("div", { class: "key" }, el("i", { style: "background:" + d.rgb }), d.id + " " + d.zh + " " + d.range)));
  side.append(el("h2", {}, "使用须知"), el("ol", { class: "notes" }, ...D.notes.map((n) => el("li", {}, n)), el("li", {}, D.approval)),
    el("h2", {}, "资料来源"), el("ul", { class: "notes" }, ...D.sources.map((s) => el("li", {}, s)), el("li", {}, D.plan), el("li", {}, D.crs + "；" + D.zone), el("li", {}, D.identity)));

  // ---- search by name or id
  find.addEventListener("input", () => {
    const q = find.value.trim().toLowerCase();
    found.textContent = "";
    if (!q) return;
    let n = 0;
    for (const entry of entries) {
      for (const f of entry.layer.features) {
        if (!f[1].toLowerCase().includes(q) && !f[0].toLowerCase().includes(q)) continue;
        if (++n > 20) return;
        const button = el("button", { type: "button" }, f[1] + " ", el("span", { class: "soft" }, entry.layer.title + " · " + f[0]));
        button.addEventListener("click", () => {
          show(entry, true);
          if (f[4] === 0) map.setView(f[5], Math.max(map.getZoom(), -2.5)); else map.fitBounds(f.shape.getBounds(), { maxZoom: -2 });
          f.shape.openPopup && f.shape.getPopup && f.shape.getPopup() && f.shape.openPopup();
        });
        found.append(el("li", {}, button));
      }
    }
    if (n === 0) found.append(el("li", { class: "soft" }, "没有找到"));
  });

  map.fitBounds(box);
  for (const entry of entries) if (entry.layer.visible) show(entry, true);
  const district = entries.find((e) => e.layer.id === "district");
  if (district && district.layer.features.length) map.fitBounds(district.layer.features[0].shape.getBounds(), { padding: [12, 12] });
  document.documentElement.dataset.ready = "yes";
})();
