//! The package as documents: 识别一张图 as sheet and web page, 研判一张单 as letter and print; and the verification book. Only this crate names typst.

mod fonts;
pub mod list;
pub mod map;
pub mod typesetting;
pub mod verification;
