//! Instants that a NetCDF file of one field tells beside the field: scalar variables, which GDAL's rasters do not show.

use super::times::{FrameTimes, cf_epoch, no_instants};
use crate::fault::listen;
use gdal::cpl::CslStringList;
use gdal::{Dataset, DatasetOptions, GdalOpenFlags};
use std::path::Path;

/// Names under which a file states the instant its field is for, the end of what it sums; the first that is there counts.
const STAMPS: [&str; 3] = ["valid_time", "time", "end_time"];
/// Name under which a file states from when on its field sums.
const BEGIN: &str = "start_time";

/// Opens a file by its groups and arrays instead of its rasters.
pub(crate) fn open_arrays(path: &Path) -> Option<Dataset> {
    let open_flags = GdalOpenFlags::GDAL_OF_READONLY | GdalOpenFlags::GDAL_OF_MULTIDIM_RASTER;
    listen(|| Dataset::open_ex(path, DatasetOptions { open_flags, ..Default::default() })).0.ok()
}

/// Instant and, with a begin, interval from scalar variables with CF units (`seconds since …`); `None` when there are none.
pub(crate) fn times_of_scalars(path: &Path) -> Option<FrameTimes> {
    let dataset = open_arrays(path)?;
    let group = listen(|| dataset.root_group()).0.ok()?;
    let value = |name: &str| -> Option<f64> {
        let (read, _) = listen(|| {
            let array = group.open_md_array(name, CslStringList::new()).ok()?;
            let calendar = array.attribute("calendar").map(|a| a.read_as_string()).unwrap_or_default();
            if no_instants(&array.unit(), &calendar).is_some() {
                return None;
            }
            let (zero, unit_s) = cf_epoch(&array.unit())?;
            let mut value = [f64::NAN];
            let one = array.num_elements() == 1;
            let count = vec![1; array.num_dimensions()];
            let from = vec![0; array.num_dimensions()];
            (one && array.datatype().class().is_numeric() && array.read_into_slice(&mut value, from, count).is_ok())
                .then(|| zero + value[0] * unit_s)
        });
        read.filter(|v| v.is_finite())
    };
    let stamp = STAMPS.iter().find_map(|name| value(name));
    match (stamp, value(BEGIN)) {
        (Some(end), Some(begin)) if end > begin => {
            Some(FrameTimes { stamp_unix_s: Some(end), stamp_is_begin: false, length_s: Some(end - begin) })
        }
        (Some(at), _) => Some(FrameTimes { stamp_unix_s: Some(at), stamp_is_begin: false, length_s: None }),
        (None, Some(begin)) => Some(FrameTimes { stamp_unix_s: Some(begin), stamp_is_begin: true, length_s: None }),
        (None, None) => None,
    }
}
