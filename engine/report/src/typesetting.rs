//! Sheets of paper: a template and its data, in memory, to PDF and PNG.
//!
//! The compiler sees no clock, no network and no file but those handed in and the fonts of the folders named by the caller,
//! so that the same sheet gives the same bytes on every machine with the same fonts.

use crate::fonts::Fonts;
use dayu_base::{Finding, Instant, Text, Zone};
use std::collections::BTreeMap;
use std::path::PathBuf;
use typst::diag::{FileError, FileResult, SourceDiagnostic};
use typst::foundations::{Bytes, Datetime, Duration, Smart};
use typst::syntax::{FileId, RootedPath, Source, VirtualPath, VirtualRoot};
use typst::text::{Font, FontBook};
use typst::utils::{LazyHash, Scalar};
use typst::{Library, LibraryExt, World};
use typst_layout::PagedDocument;

/// Where Debian's `fonts-noto-cjk` puts its fonts.
pub const DEBIAN_CJK_FONTS: &str = "/usr/share/fonts/opentype/noto";
/// The families that templates name.
pub const WANTED_FAMILIES: [&str; 2] = ["Noto Sans CJK SC", "Noto Serif CJK SC"];

/// One document to be set.
#[derive(Clone, Debug)]
pub struct Sheet<'a> {
    /// Typst source
    pub template: &'a str,
    /// files the template reads, by the name it uses (`data.json`, `base.png`)
    pub files: BTreeMap<String, Vec<u8>>,
    /// instant written into the PDF
    pub instant: Instant,
    /// stable identity of the document (run, level, product): becomes the PDF's identifier
    pub ident: String,
}

/// Fonts, scanned once, and the compiler's library. Share one in the whole process, also between threads.
pub struct Typesetter {
    fonts: Fonts,
    library: LazyHash<Library>,
}

impl Typesetter {
    /// Scans the folders, and nothing else, for fonts.
    ///
    /// # Errors
    /// `RPT-001` when a Chinese family that the templates name is missing: a sheet of empty boxes is never made.
    pub fn new(font_folders: &[PathBuf]) -> Result<Self, Finding> {
        let fonts = Fonts::scan(font_folders);
        for family in WANTED_FAMILIES {
            if !fonts.book().contains_family(&family.to_lowercase()) {
                return Err(missing_font(family, font_folders));
            }
        }
        Ok(Self { fonts, library: LazyHash::new(Library::default()) })
    }

    /// Fonts where Debian keeps them.
    ///
    /// # Errors
    /// As [`Self::new`].
    pub fn debian() -> Result<Self, Finding> {
        Self::new(&[PathBuf::from(DEBIAN_CJK_FONTS)])
    }

    /// Sets a sheet once; both exports can be taken from the result.
    ///
    /// # Errors
    /// `RPT-002` with the compiler's words when the template cannot be set.
    pub fn compile(&self, sheet: &Sheet) -> Result<SetSheet, Finding> {
        let world = SheetWorld::new(self, sheet)?;
        let result = typst::compile::<PagedDocument>(&world);
        match result.output {
            Ok(document) => Ok(SetSheet { document, instant: sheet.instant, ident: sheet.ident.clone() }),
            Err(errors) => Err(refused(&world, &errors)),
        }
    }

    /// PDF of a sheet.
    ///
    /// # Errors
    /// `RPT-002`, `RPT-003`.
    pub fn compile_pdf(&self, sheet: &Sheet) -> Result<Vec<u8>, Finding> {
        self.compile(sheet)?.pdf()
    }

    /// PNG of the first page of a sheet (1 pt = 1/72 inch: 200 dpi is 200 ÷ 72).
    ///
    /// # Errors
    /// `RPT-002`, `RPT-004`.
    pub fn compile_png(&self, sheet: &Sheet, pixel_per_pt: f64) -> Result<Vec<u8>, Finding> {
        self.compile(sheet)?.png(pixel_per_pt)
    }
}

/// A document that has been set.
pub struct SetSheet {
    document: PagedDocument,
    instant: Instant,
    ident: String,
}

impl SetSheet {
    /// Number of pages.
    pub fn pages(&self) -> usize {
        self.document.pages().len()
    }

    /// The document as PDF.
    ///
    /// # Errors
    /// `RPT-003` when the exporter refuses.
    pub fn pdf(&self) -> Result<Vec<u8>, Finding> {
        let options = typst_pdf::PdfOptions {
            ident: Smart::Custom(self.ident.clone()),
            creator: Smart::Custom(Some("dayu".into())),
            timestamp: datetime(self.instant).map(typst_pdf::Timestamp::new_utc),
            ..Default::default()
        };
        typst_pdf::pdf(&self.document, &options).map_err(|errors| {
            let words = errors.iter().map(|e| e.message.to_string()).collect::<Vec<_>>().join("; ");
            Finding::error(
                "RPT-003",
                Text::new(format!("PDF 导出失败：{words}"), format!("the PDF could not be written: {words}")),
                Text::new(
                    "这是程序缺陷，请连同本次输入一并报告",
                    "this is a defect of the program: report it with the input",
                ),
            )
        })
    }

    /// The first page as PNG.
    ///
    /// # Errors
    /// `RPT-004` when there is no page or the image cannot be encoded.
    pub fn png(&self, pixel_per_pt: f64) -> Result<Vec<u8>, Finding> {
        let page = self.document.pages().first().ok_or_else(|| no_image("没有页面", "there is no page"))?;
        let options = typst_render::RenderOptions { pixel_per_pt: Scalar::new(pixel_per_pt), render_bleed: false };
        let image = typst_render::render(page, &options);
        // The page is filled with white, so every pixel is opaque and premultiplied means plain.
        let rgb: Vec<u8> = image.data().chunks_exact(4).flat_map(|p| [p[0], p[1], p[2]]).collect();
        let mut bytes = Vec::new();
        let mut encoder = png::Encoder::new(&mut bytes, image.width(), image.height());
        encoder.set_color(png::ColorType::Rgb);
        encoder.set_compression(png::Compression::Fast);
        let per_metre = (pixel_per_pt * 72.0 / 0.0254).round() as u32;
        encoder.set_pixel_dims(Some(png::PixelDimensions { xppu: per_metre, yppu: per_metre, unit: png::Unit::Meter }));
        let written = encoder.write_header().and_then(|mut w| {
            w.write_image_data(&rgb)?;
            w.finish()
        });
        written.map_err(|e| no_image(&e.to_string(), &e.to_string()))?;
        Ok(bytes)
    }
}

fn no_image(zh: &str, en: &str) -> Finding {
    Finding::error(
        "RPT-004",
        Text::new(format!("PNG 导出失败：{zh}"), format!("the PNG could not be written: {en}")),
        Text::new("这是程序缺陷，请连同本次输入一并报告", "this is a defect of the program: report it with the input"),
    )
}

/// The world of one sheet: its files and the shared fonts.
struct SheetWorld<'a> {
    typesetter: &'a Typesetter,
    main: Source,
    files: BTreeMap<String, Bytes>,
}

impl<'a> SheetWorld<'a> {
    fn new(typesetter: &'a Typesetter, sheet: &Sheet) -> Result<Self, Finding> {
        let path = VirtualPath::new("/main.typ").map_err(|e| {
            let words = format!("{e:?}");
            Finding::error("RPT-002", Text::new(&words, &words), Text::default())
        })?;
        let id = RootedPath::new(VirtualRoot::Project, path).intern();
        let files = sheet.files.iter().map(|(name, bytes)| (name.clone(), Bytes::new(bytes.clone()))).collect();
        Ok(Self { typesetter, main: Source::new(id, sheet.template.to_string()), files })
    }
}

impl World for SheetWorld<'_> {
    fn library(&self) -> &LazyHash<Library> {
        &self.typesetter.library
    }
    fn book(&self) -> &LazyHash<FontBook> {
        self.typesetter.fonts.book()
    }
    fn main(&self) -> FileId {
        self.main.id()
    }
    fn source(&self, id: FileId) -> FileResult<Source> {
        if id == self.main.id() { Ok(self.main.clone()) } else { Err(FileError::AccessDenied) }
    }
    fn file(&self, id: FileId) -> FileResult<Bytes> {
        let name = id.get().vpath().get_without_slash();
        self.files.get(name).cloned().ok_or_else(|| FileError::NotFound(PathBuf::from(name)))
    }
    fn font(&self, index: usize) -> Option<Font> {
        self.typesetter.fonts.font(index)
    }
    fn today(&self, _offset: Option<Duration>) -> Option<Datetime> {
        None
    }
}

fn missing_font(family: &str, folders: &[PathBuf]) -> Finding {
    let places = folders.iter().map(|f| f.display().to_string()).collect::<Vec<_>>().join(", ");
    Finding::error(
        "RPT-001",
        Text::new(
            format!("缺少中文字体“{family}”，已查找：{places}；不输出缺字的图表"),
            format!("the font '{family}' is missing (looked in: {places}); no sheet with missing characters is made"),
        ),
        Text::new(
            "安装字体：Debian/Ubuntu 运行 apt-get install fonts-noto-cjk；其他系统安装 Noto Sans/Serif CJK SC 并指明其目录",
            "install it: on Debian and Ubuntu run apt-get install fonts-noto-cjk; elsewhere install Noto Sans/Serif CJK SC and name their folder",
        ),
    )
    .at(family)
}

fn refused(world: &SheetWorld, errors: &[SourceDiagnostic]) -> Finding {
    let words: Vec<String> = errors.iter().map(|e| place(world, e) + &e.message).collect();
    let words = words.join("; ");
    Finding::error(
        "RPT-002",
        Text::new(format!("版式无法排版：{words}"), format!("the template cannot be set: {words}")),
        Text::new(
            "若改过模板，请按所示行号修正；否则这是程序缺陷",
            "if the template was changed, mend the line named; else it is a defect of the program",
        ),
    )
}

/// `line 12: ` of the template, when the compiler says where.
fn place(world: &SheetWorld, error: &SourceDiagnostic) -> String {
    use typst::WorldExt;
    let Some(range) = world.range(error.span) else { return String::new() };
    let line = world.main.text().get(..range.start).map_or(0, |before| before.matches('\n').count()) + 1;
    format!("line {line}: ")
}

/// The UTC fields of an instant; `None` for a year that PDF cannot hold.
fn datetime(at: Instant) -> Option<Datetime> {
    let text = Zone::utc().rfc3339(at);
    let part = |from: usize, to: usize| text.get(from..to)?.parse::<u8>().ok();
    Datetime::from_ymd_hms(
        text.get(0..4)?.parse().ok()?,
        part(5, 7)?,
        part(8, 10)?,
        part(11, 13)?,
        part(14, 16)?,
        part(17, 19)?,
    )
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;

    fn sheet(template: &str) -> Sheet<'_> {
        Sheet {
            template,
            files: BTreeMap::from([("data.json".to_string(), r#"{"name":"西湖区"}"#.as_bytes().to_vec())]),
            instant: "2021-07-25T00:00:00Z".parse().unwrap(),
            ident: "run/II/test".into(),
        }
    }

    const GOOD: &str = "#set text(font: \"Noto Sans CJK SC\", lang: \"zh\")\n#set page(width: 60pt, height: 40pt)\n#json(\"data.json\").name";

    #[test]
    fn the_same_sheet_gives_the_same_bytes() {
        let typesetter = Typesetter::debian().unwrap();
        let (a, b) =
            (typesetter.compile(&sheet(GOOD)).unwrap(), Typesetter::debian().unwrap().compile(&sheet(GOOD)).unwrap());
        assert_eq!(a.pages(), 1);
        let pdf = a.pdf().unwrap();
        assert!(pdf.starts_with(b"%PDF"));
        assert_eq!(pdf, b.pdf().unwrap());
        assert_eq!(a.png(2.0).unwrap(), b.png(2.0).unwrap());
    }

    #[test]
    fn a_missing_chinese_font_is_named_with_its_mend() {
        let empty = tempfile::tempdir().unwrap();
        let finding = Typesetter::new(&[empty.path().to_path_buf()]).err().unwrap();
        assert_eq!(finding.code, "RPT-001");
        assert!(finding.message.zh.contains("Noto Sans CJK SC"));
        assert!(finding.mend.zh.contains("fonts-noto-cjk"));
    }

    #[test]
    fn a_broken_template_names_its_line() {
        let finding = Typesetter::debian().unwrap().compile_pdf(&sheet("a\n#nothing()")).err().unwrap();
        assert_eq!(finding.code, "RPT-002");
        assert!(finding.message.en.contains("line 2"), "{}", finding.message.en);
    }

    #[test]
    fn a_template_reads_only_what_it_was_given() {
        let finding = Typesetter::debian().unwrap().compile_pdf(&sheet("#read(\"/etc/passwd\")")).err().unwrap();
        assert_eq!(finding.code, "RPT-002");
    }

    #[test]
    fn instants_become_dates() {
        let at = datetime("2021-07-25T08:09:10Z".parse().unwrap()).unwrap();
        assert_eq!((at.year(), at.month(), at.day(), at.second()), (Some(2021), Some(7), Some(25), Some(10)));
    }
}
