//! Opening a file of fields: which dataset, which bands, which unit.

use super::place::{Layout, Shape};
use super::radolan::{self, Radolan};
use super::times::{FrameTimes, cf_epoch, cf_interval, no_instants};
use super::{ReadFrames, grib, netcdf, quietly};
use crate::crs::{Crs, east_north};
use crate::fault::{cannot_open, cannot_read, first_failure, listen};
use crate::pixels::{check_size, georeference};
use dayu_base::{Finding, Text};
use flate2::read::GzDecoder;
use gdal::raster::RasterBand;
use gdal::spatial_ref::SpatialRef;
use gdal::{Dataset, DatasetOptions, GdalOpenFlags, Metadata};
use std::io::Read;
use std::path::{Path, PathBuf};

/// Word for the polar stereographic sphere of RADOLAN, which has no EPSG code.
const RADOLAN: &str = "radolan";
/// A gzipped file may not grow beyond this.
const MOST_BYTES: u64 = 1 << 30;

pub(crate) enum Opened {
    Gdal { dataset: Dataset, bands: Vec<usize> },
    Radolan(Box<Radolan>),
}

pub(crate) fn open(path: &Path, ask: &ReadFrames<'_>) -> Result<Opened, Finding> {
    let mut head = Vec::new();
    std::fs::File::open(path)
        .and_then(|f| f.take(2048).read_to_end(&mut head))
        .map_err(|e| cannot_read(path, "", &e.to_string()))?;
    let gzipped = head.starts_with(&[0x1f, 0x8b]);
    if gzipped || radolan::is_radolan(&head) {
        let file = std::fs::File::open(path).map_err(|e| cannot_read(path, "", &e.to_string()))?;
        let mut bytes = Vec::new();
        let read = if gzipped {
            GzDecoder::new(file).take(MOST_BYTES).read_to_end(&mut bytes)
        } else {
            file.take(MOST_BYTES).read_to_end(&mut bytes)
        };
        read.map_err(|e| cannot_read(path, "gzip", &e.to_string()))?;
        if radolan::is_radolan(&bytes) {
            return radolan::decode(&bytes).map(|r| Opened::Radolan(Box::new(r)));
        }
        if let Some(("tar", _)) = packing(&bytes) {
            return Err(packed_file(path, ("tar.gz", "tar xzf")));
        }
    }
    if let Some(packed) = packing(&head).filter(|_| !gzipped) {
        return Err(packed_file(path, packed));
    }
    let name = if gzipped {
        PathBuf::from(format!(
            "/vsigzip/{}",
            std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf()).display()
        ))
    } else {
        grib::decodable(path)?;
        path.to_path_buf()
    };
    let dataset = open_gdal(&name).map_err(|reason| cannot_open(path, &reason))?;
    let dataset = with_variable(path, dataset, ask.variable)?;
    let bands = chosen_bands(&dataset, ask.variable)?;
    Ok(Opened::Gdal { dataset, bands })
}

/// Packings that are not opened, by their first bytes; the tool that unpacks them.
fn packing(head: &[u8]) -> Option<(&'static str, &'static str)> {
    let kinds: [(&[u8], _, _); 5] = [
        (b"\xfd7zXZ\0", "xz", "xz -dk"),
        (b"BZh", "bzip2", "bunzip2 -k"),
        (b"PK\x03\x04", "zip", "unzip"),
        (b"7z\xbc\xaf\x27\x1c", "7z", "7z x"),
        (b"\x28\xb5\x2f\xfd", "zstd", "zstd -dk"),
    ];
    let tar = head.get(257..262) == Some(b"ustar");
    kinds
        .iter()
        .find(|(magic, ..)| head.starts_with(magic))
        .map(|(_, name, tool)| (*name, *tool))
        .or(tar.then_some(("tar", "tar xf")))
}

fn packed_file(path: &Path, (kind, tool): (&str, &str)) -> Finding {
    Finding::error(
        "GIS-049",
        Text::new(
            format!("文件是 {kind} 压缩包，不直接读取（单个文件可用 gzip）"),
            format!("the file is packed by {kind}, which is not read directly (single files packed by gzip are)"),
        ),
        Text::new(
            format!("请先解开：{tool} 文件名，再在 path 写解开后的文件（多个文件可用 *）"),
            format!("unpack it first: {tool} FILE, then name what comes out in path (* stands for many files)"),
        ),
    )
    .in_file(crate::fault::shown(path))
}

fn open_gdal(name: &Path) -> Result<Dataset, String> {
    let (opened, complaints) = listen(|| {
        let open_flags = GdalOpenFlags::GDAL_OF_READONLY | GdalOpenFlags::GDAL_OF_RASTER;
        Dataset::open_ex(name, DatasetOptions { open_flags, ..Default::default() })
    });
    opened.map_err(|e| first_failure(&complaints).map_or_else(|| e.to_string(), ToString::to_string))
}

/// The dataset that holds the variable: the file itself, or one of its sub-datasets.
fn with_variable(path: &Path, dataset: Dataset, variable: Option<&str>) -> Result<Dataset, Finding> {
    let parts: Vec<String> = listen(|| dataset.metadata_domain("SUBDATASETS")).0.unwrap_or_default();
    let names: Vec<&str> =
        parts.iter().filter_map(|p| p.split_once("_NAME=")).map(|(_, name)| name).filter(|n| !n.is_empty()).collect();
    let short = |name: &str| name.rsplit([':', '/']).next().unwrap_or_default().to_string();
    if let Some(variable) = variable
        && let Some(name) = names.iter().find(|n| short(n) == variable)
    {
        return open_gdal(Path::new(name)).map_err(|reason| cannot_open(path, &reason));
    }
    if dataset.raster_count() > 0 {
        return Ok(dataset);
    }
    if names.is_empty() {
        return Err(Finding::error(
            "GIS-014",
            Text::new("文件不含栅格波段", "the file has no raster band"),
            Text::new("请提供含雨量的格网文件", "supply a gridded file with rain"),
        ));
    }
    Err(not_named(variable, &names.iter().map(|n| short(n)).collect::<Vec<_>>()))
}

fn not_named(variable: Option<&str>, names: &[String]) -> Finding {
    let list = names.join(", ");
    let (zh, en) = match variable {
        Some(v) => (format!("文件中没有变量“{v}”"), format!("the file has no variable '{v}'")),
        None => (
            "文件含多个变量，需写明用哪一个".to_string(),
            "the file has several variables; one must be named".to_string(),
        ),
    };
    Finding::error(
        "GIS-045",
        Text::new(zh, en),
        Text::new(
            format!("在 [[rain]] 写 variable；文件中有：{list}"),
            format!("write variable in [[rain]]; the file has: {list}"),
        ),
    )
    .field("variable")
}

fn item(band: &RasterBand<'_>, key: &str) -> Option<String> {
    listen(|| band.metadata_item(key, "")).0
}

/// Bands of the variable (NetCDF) or element (GRIB).
fn chosen_bands(dataset: &Dataset, variable: Option<&str>) -> Result<Vec<usize>, Finding> {
    let mut all = Vec::new();
    for k in 1..=dataset.raster_count() {
        let band = quietly(|| dataset.rasterband(k)).map_err(|reason| cannot_read(Path::new(""), "", &reason))?;
        all.push((k, item(&band, "GRIB_ELEMENT").or_else(|| item(&band, "NETCDF_VARNAME")).unwrap_or_default()));
    }
    let mut names: Vec<String> = all.iter().map(|(_, n)| n.clone()).collect();
    names.sort();
    names.dedup();
    let told = names.iter().any(|n| !n.is_empty());
    match variable {
        Some(v) if told && !names.iter().any(|n| n == v) => return Err(not_named(Some(v), &names)),
        None if names.len() > 1 => return Err(not_named(None, &names)),
        _ => {}
    }
    let extra = listen(|| dataset.metadata_item("NETCDF_DIM_EXTRA", "")).0.unwrap_or_default();
    if extra.contains(',') {
        return Err(Finding::error(
            "GIS-046",
            Text::new(
                format!("变量除时间与位置外还有其他维：{extra}"),
                format!("the variable has more dimensions than time and place: {extra}"),
            ),
            Text::new("先取出一层（如 ncks -d 维,0），再使用", "take one slice first (such as ncks -d DIM,0)"),
        ));
    }
    let wanted = |n: &str| !told || variable.is_none_or(|v| v == n);
    Ok(all.into_iter().filter(|(_, n)| wanted(n)).map(|(k, _)| k).collect())
}

impl Opened {
    pub(crate) fn layout(&self) -> Result<Layout, Finding> {
        let dataset = match self {
            Self::Radolan(r) => return Ok(Layout { size: r.size, shape: Shape::Affine(r.affine) }),
            Self::Gdal { dataset, .. } => dataset,
        };
        let size = dataset.raster_size();
        check_size(size.0, size.1)?;
        let geolocation = listen(|| dataset.metadata_domain("GEOLOCATION")).0.unwrap_or_default();
        let of = |key: &str| geolocation.iter().find_map(|e| e.strip_prefix(key)?.strip_prefix('=')).map(String::from);
        if let (Some(xs), Some(ys)) = (of("X_DATASET"), of("Y_DATASET")) {
            let read = |name: &str| -> Result<Vec<f64>, Finding> {
                let damaged = |reason: String| cannot_read(Path::new(name), "GEOLOCATION", &reason);
                let d = open_gdal(Path::new(name)).map_err(damaged)?;
                if d.raster_size() != size {
                    return Err(damaged("经纬度数组大小不符 / coordinates of another size".into()));
                }
                quietly(|| Ok(d.rasterband(1)?.read_as::<f64>((0, 0), size, size, None)?.into_shape_and_vec().1))
                    .map_err(damaged)
            };
            return Ok(Layout { size, shape: Shape::Curvilinear { x: read(&xs)?, y: read(&ys)? } });
        }
        Ok(Layout { size, shape: Shape::Affine(georeference(dataset)?) })
    }

    /// CRS of the pixels: the file's own, else the declared one.
    pub(crate) fn crs(&self, declared: Option<&str>, target: &Crs) -> Result<Crs, Finding> {
        let own = match self {
            Self::Radolan(r) => quietly(|| SpatialRef::from_proj4(r.projection)).ok().map(east_north),
            Self::Gdal { dataset, .. } => {
                let geolocation = listen(|| dataset.metadata_item("SRS", "GEOLOCATION")).0;
                let from_text = geolocation.and_then(|wkt| quietly(|| SpatialRef::from_wkt(&wkt)).ok());
                from_text.or_else(|| listen(|| dataset.spatial_ref().ok().filter(|s| !s.is_local())).0).map(east_north)
            }
        };
        match (own, declared) {
            (Some(own), _) if matches!(target, Crs::Local) && !own.is_geographic() => Ok(Crs::Local),
            (Some(own), _) => Ok(Crs::Known(own)),
            (None, Some(declared)) if declared.eq_ignore_ascii_case(RADOLAN) => {
                quietly(|| SpatialRef::from_proj4(radolan::ON_SPHERE))
                    .map(|s| Crs::Known(east_north(s)))
                    .map_err(|_| no_crs())
            }
            (None, Some(declared)) => Crs::parse(declared),
            (None, None) if matches!(target, Crs::Local) => Ok(Crs::Local),
            (None, None) => Err(no_crs()),
        }
    }

    pub(crate) fn unit(&self) -> Option<String> {
        let Self::Gdal { dataset, bands } = self else { return Some("mm".into()) };
        let first = *bands.first()?;
        let band = quietly(|| dataset.rasterband(first)).ok()?;
        item(&band, "GRIB_UNIT").or_else(|| Some(band.unit())).filter(|u| !u.is_empty())
    }

    /// Why the file's own axis of time gives no instants, when it has one.
    pub(crate) fn no_instants(&self) -> Option<Finding> {
        let Self::Gdal { dataset, .. } = self else { return None };
        let of = |key: &str| listen(|| dataset.metadata_item(key, "")).0;
        let dimension = of("NETCDF_DIM_EXTRA")?.trim_matches(['{', '}']).to_string();
        let units = of(&format!("{dimension}#units"))?;
        no_instants(&units, &of(&format!("{dimension}#calendar")).unwrap_or_default())
    }

    /// Instant and interval of each field; none of an axis that gives no instants.
    pub(crate) fn times(&self, path: &Path) -> Result<Vec<FrameTimes>, Finding> {
        let (dataset, bands) = match self {
            Self::Radolan(r) => {
                return Ok(vec![FrameTimes {
                    stamp_unix_s: Some(r.end_unix_s),
                    stamp_is_begin: false,
                    length_s: Some(r.length_s),
                }]);
            }
            Self::Gdal { dataset, bands } => (dataset, bands),
        };
        let of = |key: &str| listen(|| dataset.metadata_item(key, "")).0;
        let dimension =
            of("NETCDF_DIM_EXTRA").map(|d| d.trim_matches(['{', '}']).to_string()).filter(|d| !d.is_empty());
        let epoch = match self.no_instants() {
            Some(_) => None,
            None => dimension.as_ref().and_then(|d| of(&format!("{d}#units"))).and_then(|u| cf_epoch(&u)),
        };
        let bounds = dimension.as_ref().and_then(|d| of(&format!("{d}#bounds"))).and_then(|b| read_bounds(path, &b));
        let netcdf = dataset.driver().short_name() == "netCDF";
        let alone = (netcdf && dimension.is_none()).then(|| netcdf::times_of_scalars(path)).flatten();
        let edition_1 = grib::lengths_of_edition_1(path);
        // A message may hold several fields: which length is whose is then not known.
        let edition_1 = if edition_1.len() == dataset.raster_count() { edition_1 } else { Vec::new() };
        let mut list = Vec::new();
        for (number, &k) in bands.iter().enumerate() {
            let band = quietly(|| dataset.rasterband(k)).map_err(|reason| cannot_read(path, "", &reason))?;
            let grib_stamp = || item(&band, "GRIB_VALID_TIME")?.split_whitespace().next()?.parse::<f64>().ok();
            let grib_interval =
                || grib::interval(&item(&band, "GRIB_PDS_PDTN")?, &item(&band, "GRIB_PDS_TEMPLATE_ASSEMBLED_VALUES")?);
            let cf = || -> Option<FrameTimes> {
                let (zero, unit_s) = epoch?;
                let value: f64 = item(&band, &format!("NETCDF_DIM_{}", dimension.as_ref()?))?.parse().ok()?;
                if let Some((from, until)) = bounds.as_ref().and_then(|b| b.get(number)).copied()
                    && until > from
                {
                    return Some(FrameTimes {
                        stamp_unix_s: Some(zero + until * unit_s),
                        stamp_is_begin: false,
                        length_s: Some((until - from) * unit_s),
                    });
                }
                let length_s = item(&band, "cell_methods").and_then(|m| cf_interval(&m));
                Some(FrameTimes { stamp_unix_s: Some(zero + value * unit_s), stamp_is_begin: false, length_s })
            };
            list.push(match grib_interval() {
                Some((end, length)) => {
                    FrameTimes { stamp_unix_s: Some(end), stamp_is_begin: false, length_s: Some(length) }
                }
                None => cf().or(alone).unwrap_or_else(|| FrameTimes {
                    stamp_unix_s: grib_stamp(),
                    stamp_is_begin: false,
                    length_s: edition_1.get(k - 1).copied().flatten(),
                }),
            });
        }
        Ok(list)
    }

    /// Values of a part of field `number`, row by row from the north.
    pub(crate) fn window(
        &self,
        number: usize,
        origin: (usize, usize),
        size: (usize, usize),
    ) -> Result<Vec<f64>, String> {
        match self {
            Self::Radolan(r) => {
                let rows = origin.1..origin.1 + size.1;
                Ok(rows.flat_map(|row| r.values[row * r.size.0 + origin.0..][..size.0].iter().copied()).collect())
            }
            Self::Gdal { dataset, bands } => {
                let band_number = bands.get(number).copied().unwrap_or(1);
                let (mut values, nodata, scale, offset, narrow) = quietly(|| {
                    let band = dataset.rasterband(band_number)?;
                    let at = (isize::try_from(origin.0)?, isize::try_from(origin.1)?);
                    let values = band.read_as::<f64>(at, size, size, None)?.into_shape_and_vec().1;
                    let narrow = band.band_type() == gdal::raster::GdalDataType::Float32;
                    Ok((values, band.no_data_value(), band.scale(), band.offset(), narrow))
                })?;
                for v in &mut values {
                    let missing = nodata.is_some_and(|n| *v == n || (narrow && *v as f32 == n as f32));
                    *v = if missing || !v.is_finite() {
                        f64::NAN
                    } else {
                        *v * scale.unwrap_or(1.0) + offset.unwrap_or(0.0)
                    };
                }
                Ok(values)
            }
        }
    }
}

fn no_crs() -> Finding {
    Finding::error(
        "GIS-005",
        Text::new("雨量场没有坐标参考系", "the field has no CRS"),
        Text::new(
            "在 [[rain]] 写 crs = \"EPSG:…\"（RADOLAN 的 ASCII 产品写 crs = \"radolan\"），或补交带坐标系的文件；不做猜测",
            "write crs = \"EPSG:…\" in [[rain]] (crs = \"radolan\" for the ASCII products of RADOLAN), or supply a file with a CRS; nothing is guessed",
        ),
    )
    .field("crs")
}

/// Begin and end of each interval from the CF bounds variable, in the unit of the axis.
fn read_bounds(path: &Path, variable: &str) -> Option<Vec<(f64, f64)>> {
    let name = format!("NETCDF:\"{}\":{variable}", path.display());
    let dataset = open_gdal(Path::new(&name)).ok()?;
    let (two, count) = dataset.raster_size();
    if two != 2 {
        return None;
    }
    let values = quietly(|| {
        Ok(dataset.rasterband(1)?.read_as::<f64>((0, 0), (2, count), (2, count), None)?.into_shape_and_vec().1)
    })
    .ok()?;
    // GDAL turns rasters without a georeference as they stand: row by row, from the first instant on when it rises.
    let mut pairs: Vec<(f64, f64)> = values.chunks_exact(2).map(|p| (p[0], p[1])).collect();
    if pairs.len() > 1 && pairs[0].0 > pairs[1].0 {
        pairs.reverse();
    }
    Some(pairs)
}
