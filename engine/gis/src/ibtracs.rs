//! Tracks of IBTrACS v04 from its NetCDF files (Knapp et al. 2010), written as the rows of its own CSV: one reader reads both.

use crate::fault::{cannot_open, cannot_read, listen, readable_file};
use crate::frames::open_arrays;
use dayu_base::{Finding, Instant, Text};
use gdal::cpl::CslStringList;
use gdal::raster::Group;
use std::fmt::Write;
use std::path::Path;

/// Heading in the CSV and variable in the NetCDF, for each storm.
const OF_STORM: [(&str, &str); 2] = [("SID", "sid"), ("NAME", "name")];
/// Headings in the CSV; the variable has the same name in small letters.
const OF_FIX: [&str; 13] = [
    "LAT",
    "LON",
    "CMA_LAT",
    "CMA_LON",
    "CMA_WIND",
    "CMA_PRES",
    "TOKYO_LAT",
    "TOKYO_LON",
    "TOKYO_WIND",
    "TOKYO_PRES",
    "USA_WIND",
    "USA_PRES",
    "USA_RMW",
];
/// Radii by quadrant (north-east, south-east, south-west, north-west), nautical miles.
const RADII: [&str; 3] = ["usa_r34", "usa_r50", "usa_r64"];
const QUADRANTS: [&str; 4] = ["NE", "SE", "SW", "NW"];
/// 1858-11-17, the zero of the file's days, in seconds since 1970.
const ZERO_UNIX_S: f64 = -3_506_716_800.0;

/// True when a file begins as NetCDF does, in its classic or its HDF5 form.
pub fn is_netcdf(path: &Path) -> bool {
    use std::io::Read;
    let mut head = Vec::new();
    let read = std::fs::File::open(path).and_then(|f| f.take(8).read_to_end(&mut head));
    read.is_ok() && (head.starts_with(b"CDF") || head.starts_with(b"\x89HDF\r\n\x1a\n"))
}

/// The storm of a NetCDF of IBTrACS v04 (dimensions storm, date_time, quadrant) as CSV text with its headings: `storm` is a SID, a
/// name, or `None` when the file holds one storm. Times are UTC; what a variable marks as missing is left empty.
///
/// # Errors
/// `GIS-001`–`GIS-003` the file, `GIS-061` no track of IBTrACS, `GIS-062` the storm is not in it, or several are and none is named.
pub fn read_ibtracs_netcdf(path: &Path, storm: Option<&str>) -> Result<String, Finding> {
    readable_file(path)?;
    let dataset = open_arrays(path).ok_or_else(|| cannot_open(path, "NetCDF"))?;
    let group = listen(|| dataset.root_group()).0.map_err(|e| cannot_open(path, &e.to_string()))?;
    let damaged = |name: &str| cannot_read(path, name, "变量缺失或形状不符 / missing, or of another shape");
    let [sids, names] = OF_STORM.map(|(_, variable)| words(&group, variable));
    let sids = sids.ok_or_else(|| no_track(path))?;
    let names = names.filter(|n| n.len() == sids.len()).unwrap_or_else(|| vec![String::new(); sids.len()]);
    let wanted: Vec<usize> =
        (0..sids.len()).filter(|k| storm.is_none_or(|s| sids[*k] == s || same(&names[*k], s))).collect();
    // Names come again in other years: the SID alone names a storm of a long file.
    let [k] = wanted[..] else { return Err(not_one(path, storm, &wanted, &sids, &names)) };
    let time = of_storm(&group, "time", k).ok_or_else(|| no_track(path))?;
    let mut columns: Vec<(String, Vec<Option<f64>>)> = Vec::new();
    for heading in OF_FIX {
        if let Some(values) = of_storm(&group, &heading.to_ascii_lowercase(), k) {
            columns.push((heading.into(), values));
        }
    }
    for variable in RADII {
        let Some(values) = of_storm(&group, variable, k) else { continue };
        for (q, quadrant) in QUADRANTS.iter().enumerate() {
            let part = values.iter().skip(q).step_by(QUADRANTS.len()).copied().collect();
            columns.push((format!("{}_{quadrant}", variable.to_ascii_uppercase()), part));
        }
    }
    if let Some((heading, _)) = columns.iter().find(|(_, values)| values.len() != time.len()) {
        return Err(damaged(heading));
    }
    let mut csv = String::from("SID,NAME,ISO_TIME");
    columns.iter().for_each(|(heading, _)| csv.extend([",", heading]));
    csv.push('\n');
    for (row, days) in time.into_iter().enumerate() {
        // Tracks shorter than the longest end with missing times.
        let Some(days) = days else { continue };
        let second = (ZERO_UNIX_S + days * 86_400.0).round();
        let at = Instant::from_second(second as i64).map_err(|_| damaged("time"))?;
        let _ = write!(csv, "{},{},{}", sids[k], names[k], at.to_string().trim_end_matches('Z').replace('T', " "));
        for (_, values) in &columns {
            let _ = match values[row] {
                Some(v) => write!(csv, ",{v}"),
                None => write!(csv, ","),
            };
        }
        csv.push('\n');
    }
    Ok(csv)
}

/// The values of storm `k`, missing ones `None`; `None` when there is no such variable of numbers.
fn of_storm(group: &Group<'_>, name: &str, k: usize) -> Option<Vec<Option<f64>>> {
    let read = || {
        let array = group.open_md_array(name, CslStringList::new()).ok()?;
        if !array.datatype().class().is_numeric() {
            return None;
        }
        let mut count: Vec<usize> = array.dimensions().ok()?.iter().map(gdal::raster::Dimension::size).collect();
        let mut from = vec![0; count.len()];
        (*from.first_mut()?, *count.first_mut()?) = (k as u64, 1);
        let values = array.read_as::<f64>(from, count).ok()?;
        let scale = array.attribute("scale_factor").map_or(1.0, |a| a.read_as_f64());
        let missing = array.no_data_value_as_double();
        Some(values.into_iter().map(|v| known(v, missing, scale)).collect())
    };
    listen(read).0
}

/// A value, unless it is what the variable marks as missing, or a fill value that nobody declared.
fn known(v: f64, missing: Option<f64>, scale: f64) -> Option<f64> {
    let missing = missing.is_some_and(|m| v == m || v as f32 == m as f32);
    let odd = v.abs() >= 1e30 || v == -32_768.0 || v == -9999.0;
    // Packed in tenths or hundredths: the product is written back to as many digits.
    (v.is_finite() && !missing && !odd).then_some((v * scale * 1e6).round() / 1e6)
}

fn words(group: &Group<'_>, name: &str) -> Option<Vec<String>> {
    let array = listen(|| group.open_md_array(name, CslStringList::new())).0.ok()?;
    let words = listen(|| array.read_as_string_array()).0.ok()?;
    (words.len() as u64 == array.num_elements())
        .then(|| words.iter().map(|w| w.trim_matches(['\0', ' ']).replace(',', " ")).collect())
}

fn same(a: &str, b: &str) -> bool {
    let plain = |s: &str| s.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect::<String>();
    !plain(a).is_empty() && plain(a) == plain(b)
}

fn no_track(path: &Path) -> Finding {
    Finding::error(
        "GIS-061",
        Text::new(
            "NetCDF 中没有 IBTrACS 路径（缺 sid 或 time）",
            "the NetCDF holds no track of IBTrACS (sid or time is missing)",
        ),
        Text::new("使用 IBTrACS v04 的 NetCDF 或 CSV", "use the NetCDF or CSV of IBTrACS v04"),
    )
    .in_file(crate::fault::shown(path))
    .field("track")
}

fn not_one(path: &Path, storm: Option<&str>, wanted: &[usize], sids: &[String], names: &[String]) -> Finding {
    let (zh, en) = match (storm, wanted.is_empty()) {
        (Some(s), true) => (format!("文件中没有台风“{s}”"), format!("the file has no storm '{s}'")),
        (Some(s), false) => (format!("名为“{s}”的台风有多个"), format!("several storms are named '{s}'")),
        (None, _) => ("文件中有多个台风，须指明".into(), "the file holds several storms: name one".into()),
    };
    let list: Vec<usize> = if wanted.is_empty() { (0..sids.len()).collect() } else { wanted.to_vec() };
    let shown = |k: &usize| format!("{} {}", sids[*k], names[*k]);
    let list = list.iter().take(12).map(shown).collect::<Vec<_>>().join(", ");
    Finding::error(
        "GIS-062",
        Text::new(zh, en),
        Text::new(format!("写 storm = SID；文件中有：{list}"), format!("write storm = SID; the file has: {list}")),
    )
    .in_file(crate::fault::shown(path))
    .field("storm")
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::testing_netcdf::{Values, Variable, classic};

    fn file(dir: &tempfile::TempDir) -> std::path::PathBuf {
        let chars = |words: [&str; 2], width: usize| {
            Values::Text(words.iter().flat_map(|w| format!("{w:\0<width$}").into_bytes()).collect())
        };
        let variable = |name, dimensions, values| Variable { name, dimensions, texts: &[], numbers: &[], values };
        let days = |day: f64| vec![day, day + 0.25, -9999.0];
        let variables = [
            variable("sid", &[0, 2], chars(["2021196N14137", "2021224N15143"], 13)),
            variable("name", &[0, 3], chars(["IN-FA", "OMAIS"], 8)),
            Variable {
                texts: &[("units", "days since 1858-11-17 00:00:00")],
                numbers: &[("_FillValue", -9999.0)],
                ..variable("time", &[0, 1], Values::Doubles([days(59_419.0), days(59_447.0)].concat()))
            },
            variable("lat", &[0, 1], Values::Doubles(vec![25.0, 25.6, -9999.0, 15.0, 15.5, -9999.0])),
            variable("lon", &[0, 1], Values::Doubles(vec![124.0, 123.9, -9999.0, 143.0, 142.0, -9999.0])),
            Variable {
                numbers: &[("_FillValue", -9999.0)],
                ..variable("cma_wind", &[0, 1], Values::Shorts(vec![74, -9999, -9999, 30, 35, -9999]))
            },
            Variable {
                numbers: &[("_FillValue", -9999.0)],
                ..variable(
                    "usa_r34",
                    &[0, 1, 4],
                    Values::Shorts((0..24).map(|k| if k > 19 { -9999 } else { k }).collect()),
                )
            },
        ];
        let dimensions = [("storm", 2), ("date_time", 3), ("char13", 13), ("char8", 8), ("quadrant", 4)];
        let variables: Vec<Variable<'_>> = variables
            .into_iter()
            .map(|v| if v.name == "usa_r34" { Variable { dimensions: &[0, 1, 4], ..v } } else { v })
            .collect();
        let path = dir.path().join("IBTrACS.nc");
        std::fs::write(&path, classic(&dimensions, &variables)).unwrap();
        path
    }

    #[test]
    fn a_storm_becomes_the_rows_of_the_csv() {
        let dir = tempfile::TempDir::new().unwrap();
        let path = file(&dir);
        assert!(is_netcdf(&path));
        let csv = read_ibtracs_netcdf(&path, Some("In-Fa")).unwrap();
        let expected = "SID,NAME,ISO_TIME,LAT,LON,CMA_WIND,USA_R34_NE,USA_R34_SE,USA_R34_SW,USA_R34_NW\n\
            2021196N14137,IN-FA,2021-07-24 00:00:00,25,124,74,0,1,2,3\n\
            2021196N14137,IN-FA,2021-07-24 06:00:00,25.6,123.9,,4,5,6,7\n";
        assert_eq!(csv, expected);
        assert_eq!(read_ibtracs_netcdf(&path, Some("2021224N15143")).unwrap().lines().count(), 3);
        for (storm, word) in [(None, "name one"), (Some("Lekima"), "no storm")] {
            let refused = read_ibtracs_netcdf(&path, storm).unwrap_err();
            assert!(refused.code == "GIS-062" && refused.message.en.contains(word), "{refused}");
            assert!(refused.mend.en.contains("2021196N14137 IN-FA"), "{refused}");
        }
    }

    #[test]
    fn another_netcdf_is_no_track() {
        let dir = tempfile::TempDir::new().unwrap();
        let path = dir.path().join("x.nc");
        let one =
            Variable { name: "x", dimensions: &[0], texts: &[], numbers: &[], values: Values::Doubles(vec![1.0]) };
        std::fs::write(&path, classic(&[("x", 1)], &[one])).unwrap();
        assert_eq!(read_ibtracs_netcdf(&path, None).unwrap_err().code, "GIS-061");
    }
}
