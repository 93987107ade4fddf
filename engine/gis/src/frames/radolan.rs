//! RADOLAN composites of the German weather service (DWD), binary: GDAL has no driver for them.

use dayu_base::{Finding, Instant, Text};

/// A decoded composite of 900 × 900 pixels of 1 km.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Radolan {
    /// end of the interval, seconds since 1970
    pub end_unix_s: f64,
    /// interval, s
    pub length_s: f64,
    /// mm, rows from north to south; NaN = no data
    pub values: Vec<f64>,
}

/// Pixels on a side of the national composite.
pub(crate) const SIDE: usize = 900;
/// Affine map of the composite, m: south-west corner (−523.4622, −4658.645) km (DWD, RADOLAN format description).
pub(crate) const AFFINE: [f64; 6] = [-523_462.2, 1000.0, 0.0, -3_758_645.0, 0.0, -1000.0];
/// Its map projection: polar stereographic on a sphere, true at 60° N.
pub(crate) const PROJ: &str =
    "+proj=stere +lat_0=90 +lat_ts=60 +lon_0=10 +x_0=0 +y_0=0 +a=6370040 +b=6370040 +units=m +no_defs";
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
    let size: String =
        after("GP").map(|t| t.chars().take(9).filter(|c| !c.is_whitespace()).collect()).unwrap_or_default();
    if !size.starts_with("900x900") || data.len() != 2 * SIDE * SIDE {
        return Err(damaged(
            &format!("只支持 900×900、每像元 2 字节的合成产品（此文件 {size}，{} 字节）", data.len()),
            &format!("only composites of 900×900 pixels of 2 bytes are read (this one: {size}, {} bytes)", data.len()),
        ));
    }
    let mut values = vec![f64::NAN; SIDE * SIDE];
    for (k, pair) in data.chunks_exact(2).enumerate() {
        let raw = u16::from_le_bytes([pair[0], pair[1]]);
        let (no_data, clutter, negative) = (raw & 0x2000 != 0, raw & 0x8000 != 0, raw & 0x4000 != 0);
        if !(no_data || clutter || negative) {
            // Rows come from the south; pixels of GDAL rasters from the north.
            values[(SIDE - 1 - k / SIDE) * SIDE + k % SIDE] = f64::from(raw & 0x0fff) * unit_mm;
        }
    }
    Ok(Radolan { end_unix_s: end.as_second() as f64, length_s: minutes as f64 * 60.0, values })
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

    fn composite(first: u16) -> Vec<u8> {
        let mut bytes = b"RW102050100000814BY1620134VS 3SW   2.13.1PR E-01INT  60GP 900x 900MS 62<boo>\x03".to_vec();
        bytes.extend(first.to_le_bytes());
        bytes.extend(std::iter::repeat_n(0x29c4_u16.to_le_bytes(), SIDE * SIDE - 1).flatten());
        bytes
    }

    #[test]
    fn header_values_and_flags() {
        let r = decode(&composite(123)).unwrap();
        assert_eq!(r.end_unix_s, "2014-08-10T20:50:00Z".parse::<Instant>().unwrap().as_second() as f64);
        assert_eq!(r.length_s, 3600.0);
        // first in the file = south-west corner = first of the last row
        assert!((r.values[(SIDE - 1) * SIDE] - 12.3).abs() < 1e-9 && r.values[0].is_nan());
        for flag in [0x8000, 0x4000, 0x2000] {
            assert!(decode(&composite(123 | flag)).unwrap().values[(SIDE - 1) * SIDE].is_nan());
        }
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
