//! Every product of a run is opened with software that is not ours: GDAL's programs, openpyxl, python-docx, pyarrow, poppler and a
//! headless Chromium without a network.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use dayu_tests::process::{run, run_dayu};
use dayu_tests::small_district::SmallDistrict;
use std::process::Command;

#[test]
fn every_product_opens_in_software_that_is_not_ours() {
    let district = SmallDistrict::new();
    run_dayu(&["run", &district.scenario(), "--out", &district.argument("out"), "--levels", "III,II"], 300)
        .expect_code(0);
    let script = dayu_tests::repository().join("tests/open_products.py");
    for level in ["III", "II"] {
        let package = district.at("out/package").join(level);
        let opened = run(Command::new(dayu_tests::python()).arg(&script).arg(&package), 300);
        assert_eq!(opened.code, 0, "{level}\n{}\n{}", opened.stdout, opened.stderr);
        // One line for each product: none was passed over.
        for product in [
            "map.gpkg",
            "map.png",
            "map.pdf",
            "map.html",
            "hazard.tif",
            "list.docx",
            "list.pdf",
            "list.json",
            "messages.txt",
            "table.xlsx",
            "table.csv",
            "table.parquet",
        ] {
            assert!(
                opened.stdout.lines().any(|l| l.starts_with("ok") && l.contains(product)),
                "{product} was not opened: {}",
                opened.stdout
            );
        }
    }
}
