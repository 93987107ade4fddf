//! What must be known of a GRIB2 file before GDAL opens it, and the intervals GDAL does not spell out.

use dayu_base::{Finding, Text};
use std::io::Read;
use std::path::Path;

/// GDAL's decoder has no run-length packing (data representation template 5.200, used by the Japan Meteorological Agency).
const RUN_LENGTH: u16 = 200;
/// Sections before the data representation are small; what is longer is no GRIB2 of this kind.
const HEAD: u64 = 1 << 20;

/// Refuses a GRIB2 file packed in a way that GDAL cannot decode.
pub(crate) fn decodable(path: &Path) -> Result<(), Finding> {
    let mut head = Vec::new();
    let read = std::fs::File::open(path).and_then(|f| f.take(HEAD).read_to_end(&mut head));
    if read.is_err() || representation(&head) != Some(RUN_LENGTH) {
        return Ok(());
    }
    Err(Finding::error(
        "GIS-040",
        Text::new(
            "GRIB2 采用日本气象厅游程压缩（数据表示模板 5.200），GDAL 不能解码",
            "the GRIB2 file uses the run-length packing of the Japan Meteorological Agency (template 5.200), which GDAL cannot decode",
        ),
        Text::new(
            "请先转换：wgrib2 输入 -set_grib_type simple -grib_out 输出.grib2，再使用转换后的文件",
            "convert it first: wgrib2 IN -set_grib_type simple -grib_out OUT.grib2, then name the converted file",
        ),
    ))
}

/// Number of the data representation template of the first message.
fn representation(bytes: &[u8]) -> Option<u16> {
    if bytes.get(..4)? != b"GRIB" || *bytes.get(7)? != 2 {
        return None;
    }
    let mut at = 16;
    loop {
        let length = u32::from_be_bytes(bytes.get(at..at + 4)?.try_into().ok()?) as usize;
        if *bytes.get(at + 4)? == 5 {
            return Some(u16::from_be_bytes(bytes.get(at + 9..at + 11)?.try_into().ok()?));
        }
        // "7777" ends the message; a section has at least its five octets of head.
        if bytes.get(at..at + 4)? == b"7777" || length < 5 {
            return None;
        }
        at += length;
    }
}

/// End (seconds since 1970) and length (s) of the interval a product of template 4.8 (statistics over time) describes, from the values
/// GDAL hands out as `GRIB_PDS_TEMPLATE_ASSEMBLED_VALUES`. Positions follow WMO Manual on Codes, template 4.8.
pub(crate) fn interval(template: &str, values: &str) -> Option<(f64, f64)> {
    if template.trim() != "8" {
        return None;
    }
    let v: Vec<i64> = values.split_whitespace().map(str::parse).collect::<Result<_, _>>().ok()?;
    let [year, month, day, hour, minute, second] = <[i64; 6]>::try_from(v.get(15..21)?).ok()?;
    let end: dayu_base::Instant =
        format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z").parse().ok()?;
    let unit_s = match v.get(25)? {
        0 => 60,
        1 => 3600,
        2 => 86_400,
        10 => 10_800,
        11 => 21_600,
        12 => 43_200,
        13 => 1,
        _ => return None,
    };
    // Some centres write the length as a negative number of the interval that ends at the reference time.
    let length = i64::from(*v.get(26)? as u32 as i32).abs();
    (length > 0).then_some((end.as_second() as f64, (length * unit_s) as f64))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn interval_of_a_day_written_backwards() {
        // Canadian RDPA analysis of 24 hours: the length is −24 as an unsigned number.
        let values = "1 8 0 30 30 0 0 1 24 1 0 0 255 -127 -2147483647 2023 12 18 6 0 0 1 0 1 2 1 4294967272 1 0";
        assert_eq!(interval("8", values), Some((1_702_879_200.0, 86_400.0)));
        assert_eq!(interval("0", values), None);
        assert_eq!(interval("8", "1 8 0"), None);
    }

    #[test]
    fn packing_is_found_behind_the_sections() {
        let mut bytes = b"GRIB\0\0\0\x02".to_vec();
        bytes.extend([0; 8]);
        for (length, number) in [(21_u32, 1_u8), (72, 3), (34, 4)] {
            bytes.extend(length.to_be_bytes());
            bytes.push(number);
            bytes.extend(vec![0; length as usize - 5]);
        }
        bytes.extend([0, 0, 0, 21, 5, 0, 0, 0, 0, 0, 200]);
        assert_eq!(representation(&bytes), Some(200));
        assert_eq!(representation(&bytes[..40]), None);
        assert_eq!(representation(b"II*\0"), None);
    }
}
