//! RADOLAN composites of the German weather service (DWD), binary: GDAL has no driver for them.

use dayu_base::{Finding, Instant, Text};

/// A decoded composite of pixels of 1 km.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Radolan {
    /// end of the interval, seconds since 1970
    pub end_unix_s: f64,
    /// interval, s
    pub length_s: f64,
    /// columns, rows
    pub size: (usize, usize),
    /// affine map of the pixels, m
    pub affine: [f64; 6],
    /// map projection
    pub projection: &'static str,
    /// mm, rows from north to south; NaN = no data
    pub values: Vec<f64>,
}

/// A composite: rows and columns, and kilometres from its south-west corner to the place 9° E, 51° N (DWD, Beschreibung des
/// Kompositformats: national 900 × 900; extended national 1100 × 900, as of RADKLIM; DE1200; European 1500 × 1400).
const COMPOSITES: [((usize, usize), (f64, f64)); 4] = [
    ((900, 900), (450.0, 450.0)),
    ((1100, 900), (370.0, 550.0)),
    ((1200, 1100), (470.0, 600.0)),
    ((1500, 1400), (600.0, 800.0)),
];
/// The place 9° E, 51° N on the sphere and, from format version 5 on, on WGS84, m.
const MIDDLE_ON_SPHERE: (f64, f64) = (-73_462.167, -4_208_644.724);
const MIDDLE_ON_WGS84: (f64, f64) = (-73_696.835, -4_222_088.862);
/// Map projection: polar stereographic, true at 60° N, on a sphere.
pub(crate) const ON_SPHERE: &str =
    "+proj=stere +lat_0=90 +lat_ts=60 +lon_0=10 +x_0=0 +y_0=0 +a=6370040 +b=6370040 +units=m +no_defs";
/// The same on the ellipsoid of WGS84.
const ON_WGS84: &str =
    "+proj=stere +lat_0=90 +lat_ts=60 +lon_0=10 +x_0=0 +y_0=0 +a=6378137 +b=6356752.3142451802 +units=m +no_defs";
/// First version of the format on WGS84.
const FIRST_ON_WGS84: i64 = 5;
/// The text header ends with ETX and is some 150 bytes long.
const LONGEST_HEADER: usize = 1000;

/// The header of a composite, when the bytes begin like one: two letters, ten digits, `BY`.
fn header(bytes: &[u8]) -> Option<&str> {
    let end = bytes.iter().take(LONGEST_HEADER).position(|b| *b == 3)?;
    let text = std::str::from_utf8(bytes.get(..end)?).ok()?;
    let (kind, digits, mark) = (text.get(..2)?, text.get(2..17)?, text.get(17..19)?);
    (kind.chars().all(|c| c.is_ascii_uppercase()) && digits.chars().all(|c| c.is_ascii_digit()) && mark == "BY")
        .then_some(text)
}

/// True when the bytes begin like a composite.
pub(crate) fn is_radolan(bytes: &[u8]) -> bool {
    header(bytes).is_some()
}

/// Decodes a composite of two bytes per pixel (RW, RY, SF …): 12 bits value, then flags for secondary, no data, negative, clutter.
pub(crate) fn decode(bytes: &[u8]) -> Result<Radolan, Finding> {
    let text = header(bytes).ok_or_else(|| damaged("文件头不完整", "the header is incomplete"))?;
    let after = |key: &str| text.find(key).map(|at| text[at + key.len()..].trim_start());
    let number = |key: &str| -> Option<i64> {
        let digits: String = after(key)?.chars().take_while(char::is_ascii_digit).collect();
        digits.parse().ok()
    };
    let field = |from: usize, until: usize| text.get(from..until).unwrap_or_default();
    // DDhhmm, station 10000, MMYY: the end of the interval, UTC.
    let stamp = format!("20{}-{}-{}T{}:{}:00Z", field(15, 17), field(13, 15), field(2, 4), field(4, 6), field(6, 8));
    let end: Instant = stamp.parse().map_err(|_| damaged("文件头的时间无效", "the header's time is not valid"))?;
    let minutes = number("INT")
        .filter(|m| *m > 0)
        .ok_or_else(|| damaged("文件头缺少时段 INT", "the header lacks the interval INT"))?;
    let precision = after("PR")
        .and_then(|t| t.get(..4))
        .and_then(|t| t.trim().strip_prefix('E'))
        .and_then(|e| e.trim().parse::<i32>().ok())
        .ok_or_else(|| damaged("文件头缺少精度 PR", "the header lacks the precision PR"))?;
    let unit_mm = match precision {
        0 => 1.0,
        -1 => 0.1,
        -2 => 0.01,
        _ => return Err(damaged("文件头的精度 PR 无法识别", "the header's precision PR is not understood")),
    };
    let data = &bytes[text.len() + 1..];
    let told: String =
        after("GP").map(|t| t.chars().take(9).filter(|c| !c.is_whitespace()).collect()).unwrap_or_default();
    let told = told.trim_end_matches(|c: char| !c.is_ascii_digit());
    let size = told.split_once('x').and_then(|(r, c)| Some((r.parse().ok()?, c.parse().ok()?)));
    let known = COMPOSITES.iter().find(|(s, _)| Some(*s) == size);
    let Some(((rows, columns), (east_km, north_km))) = known.copied().filter(|((r, c), _)| data.len() == 2 * r * c)
    else {
        return Err(damaged(
            &format!(
                "只支持 900×900、1100×900、1200×1100、1500×1400、每像元 2 字节的雨量合成产品（此文件 {told}，{} 字节）",
                data.len()
            ),
            &format!(
                "only composites of rain of 900×900, 1100×900, 1200×1100 and 1500×1400 pixels of 2 bytes are read (this one: {told}, {} bytes)",
                data.len()
            ),
        ));
    };
    let (projection, (x, y)) = match number("VS") {
        Some(version) if version >= FIRST_ON_WGS84 => (ON_WGS84, MIDDLE_ON_WGS84),
        _ => (ON_SPHERE, MIDDLE_ON_SPHERE),
    };
    let (west, south) = (x - east_km * 1000.0, y - north_km * 1000.0);
    let mut values = vec![f64::NAN; rows * columns];
    for (k, pair) in data.chunks_exact(2).enumerate() {
        let raw = u16::from_le_bytes([pair[0], pair[1]]);
        let (no_data, clutter, negative) = (raw & 0x2000 != 0, raw & 0x8000 != 0, raw & 0x4000 != 0);
        if !(no_data || clutter || negative) {
            // Rows come from the south; pixels of GDAL rasters from the north.
            values[(rows - 1 - k / columns) * columns + k % columns] = f64::from(raw & 0x0fff) * unit_mm;
        }
    }
    Ok(Radolan {
        end_unix_s: end.as_second() as f64,
        length_s: minutes as f64 * 60.0,
        size: (columns, rows),
        affine: [west, 1000.0, 0.0, south + rows as f64 * 1000.0, 0.0, -1000.0],
        projection,
        values,
    })
}

fn damaged(zh: &str, en: &str) -> Finding {
    Finding::error(
        "GIS-043",
        Text::new(format!("RADOLAN 文件无法读取：{zh}"), format!("the RADOLAN file cannot be read: {en}")),
        Text::new("请重新下载，或转换为 GeoTIFF", "download it again, or convert it to GeoTIFF"),
    )
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    const SIDE: usize = 900;

    fn composite(first: u16) -> Vec<u8> {
        of("RW102050100000814BY1620134VS 3SW   2.13.1PR E-01INT  60GP 900x 900MS 62<boo>", first, SIDE * SIDE)
    }

    /// A composite of which only the first pixel, in the south-west corner, is known.
    fn of(header: &str, first: u16, pixels: usize) -> Vec<u8> {
        let mut bytes = header.as_bytes().to_vec();
        bytes.push(3);
        bytes.extend(first.to_le_bytes());
        bytes.extend(std::iter::repeat_n(0x29c4_u16.to_le_bytes(), pixels - 1).flatten());
        bytes
    }

    #[test]
    fn header_values_and_flags() {
        let r = decode(&composite(123)).unwrap();
        assert_eq!(r.end_unix_s, "2014-08-10T20:50:00Z".parse::<Instant>().unwrap().as_second() as f64);
        assert_eq!((r.length_s, r.size), (3600.0, (900, 900)));
        // first in the file = south-west corner = first of the last row
        assert!((r.values[(SIDE - 1) * SIDE] - 12.3).abs() < 1e-9 && r.values[0].is_nan());
        for flag in [0x8000, 0x4000, 0x2000] {
            assert!(decode(&composite(123 | flag)).unwrap().values[(SIDE - 1) * SIDE].is_nan());
        }
        // A measured value that another source than radar filled stays: flag of secondary data.
        assert!((decode(&composite(123 | 0x1000)).unwrap().values[(SIDE - 1) * SIDE] - 12.3).abs() < 1e-9);
    }

    #[test]
    fn composites_of_other_sizes_and_the_newer_ellipsoid_lie_where_their_corners_are() {
        // South-west corners, km: DWD's table of the 1100 × 900 composite; the middle of WGS84 less 450 km.
        let five_minutes = "YW010000100000817BY1980156VS 3SW   2.18.3PR E-02INT   5GP1100x 900MS 58<asb>";
        let r = decode(&of(five_minutes, 250, 1100 * 900)).unwrap();
        assert_eq!((r.size, r.length_s, r.values[1099 * 900]), ((900, 1100), 300.0, 2.5));
        assert!((r.affine[0] + 443_462.2).abs() < 1.0 && (r.affine[3] + 3_658_645.0).abs() < 1.0, "{:?}", r.affine);
        let newer = "RW010050100000823BY1620134VS 5SW   P40001PR E-01INT  60GP 900x 900MS 62<boo>";
        let r = decode(&of(newer, 10, 900 * 900)).unwrap();
        assert!((r.affine[0] + 523_696.8).abs() < 1.0 && r.projection == ON_WGS84, "{:?}", r.affine);
        // A reflectivity of one byte a pixel is no rain, and a size that nobody describes has no place.
        let one_byte =
            &of("RX102050100000814BY 810134VS 3SW   2.13.1PR E+00INT   5GP 900x 900MS 62<boo>", 1, 900 * 450);
        assert_eq!(decode(one_byte).unwrap_err().code, "GIS-043");
        let odd = five_minutes.replace("1100x 900", " 800x 800");
        assert_eq!(decode(&of(&odd, 1, 640_000)).unwrap_err().code, "GIS-043");
    }

    #[test]
    fn damaged_files_are_refused() {
        let whole = composite(1);
        assert_eq!(decode(&whole[..whole.len() - 1]).unwrap_err().code, "GIS-043");
        assert_eq!(decode(b"RW102050100000814BY").unwrap_err().code, "GIS-043");
        assert!(!is_radolan(b"GRIB\0\0\0\x02") && !is_radolan(b"") && is_radolan(&whole));
        let bad = String::from_utf8_lossy(&whole[..80]).replace("INT  60", "INT   X").into_bytes();
        assert_eq!(decode(&bad).unwrap_err().code, "GIS-043");
    }
}
