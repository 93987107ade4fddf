//! What must be known of a GRIB file before GDAL opens it, and the intervals GDAL does not spell out.

use dayu_base::{Finding, Text};
use std::io::{Read, Seek, SeekFrom};
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

/// End (seconds since 1970) and length (s) of the interval a product of statistics over time describes, from the values GDAL hands
/// out as `GRIB_PDS_TEMPLATE_ASSEMBLED_VALUES`. Positions follow WMO Manual on Codes: template 4.8; 4.11 (a member of an ensemble)
/// has three values before the end of the interval, 4.12 (derived from all members) two.
pub(crate) fn interval(template: &str, values: &str) -> Option<(f64, f64)> {
    let first = match template.trim() {
        "8" => 15,
        "11" => 18,
        "12" => 17,
        _ => return None,
    };
    let v: Vec<i64> = values.split_whitespace().map(str::parse).collect::<Result<_, _>>().ok()?;
    let v = v.get(first..)?;
    let [year, month, day, hour, minute, second] = <[i64; 6]>::try_from(v.get(..6)?).ok()?;
    let end: dayu_base::Instant =
        format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z").parse().ok()?;
    let unit_s = unit_s(*v.get(10)?)?;
    // Some centres write the length as a negative number of the interval that ends at the reference time.
    let length = i64::from(*v.get(11)? as u32 as i32).abs();
    (length > 0).then_some((end.as_second() as f64, (length * unit_s) as f64))
}

/// Seconds in a unit of time: code table 4.4 of GRIB2; up to 12 the same as code table 4 of GRIB1.
fn unit_s(code: i64) -> Option<i64> {
    Some(match code {
        0 => 60,
        1 => 3600,
        2 => 86_400,
        10 => 10_800,
        11 => 21_600,
        12 => 43_200,
        13 => 1,
        _ => return None,
    })
}

/// Product definition of GRIB1: octets up to the time range indicator.
const PRODUCT_OCTETS: usize = 21;

/// Lengths (s) of the intervals that the messages of a GRIB1 file sum or average over, in the order of the file, `None` for values of an
/// instant: GDAL tells only the end. Empty for any other file, or one whose messages are too long for the three octets of their
/// length. Octets 18–21 of the product definition: unit, P1, P2, time range indicator (WMO Manual on Codes, code table 5).
pub(crate) fn lengths_of_edition_1(path: &Path) -> Vec<Option<f64>> {
    let Ok(mut file) = std::fs::File::open(path) else { return Vec::new() };
    let mut lengths = Vec::new();
    let mut at = 0_u64;
    loop {
        let mut head = [0_u8; 8 + PRODUCT_OCTETS];
        if file.seek(SeekFrom::Start(at)).is_err() || file.read_exact(&mut head).is_err() {
            return lengths;
        }
        let size = u64::from(u32::from_be_bytes([0, head[4], head[5], head[6]]));
        if &head[..4] != b"GRIB" || head[7] != 1 || size < head.len() as u64 || head[4] & 0x80 != 0 {
            return if at == 0 || head[..4] == *b"GRIB" { Vec::new() } else { lengths };
        }
        lengths.push(length_of_edition_1(&head[8..]));
        at += size;
    }
}

fn length_of_edition_1(product: &[u8]) -> Option<f64> {
    let [unit, begin, end, range] = <[u8; 4]>::try_from(product.get(17..PRODUCT_OCTETS)?).ok()?;
    // 2 a range, 3 an average, 4 a sum, 5 a difference: all from P1 to P2.
    let length = i64::from(end) - i64::from(begin);
    ((2..=5).contains(&range) && length > 0).then_some(())?;
    Some((length * unit_s(i64::from(unit))?) as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_of_an_ensemble_have_their_interval_further_on() {
        // 3 h up to 2024-07-25T18:00Z, member 5 of 20.
        let values = "1 8 4 0 0 0 0 1 15 1 0 0 255 0 0 3 5 20 2024 7 25 18 0 0 1 0 1 2 1 3 255 0";
        assert_eq!(interval("11", values), Some((1_721_930_400.0, 10_800.0)));
        let derived = "1 8 4 0 0 0 0 1 15 1 0 0 255 0 0 0 20 2024 7 25 18 0 0 1 0 1 2 0 180 255 0 0";
        assert_eq!(interval("12", derived), Some((1_721_930_400.0, 10_800.0)));
    }

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
