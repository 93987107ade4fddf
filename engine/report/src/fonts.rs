//! The fonts of the folders named by the caller: looked at once, read when a sheet first uses them.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use typst::foundations::Bytes;
use typst::text::{Font, FontBook, FontInfo};
use typst::utils::LazyHash;

/// File endings of fonts and font collections.
const FONT_ENDINGS: [&str; 4] = ["otf", "ttf", "ttc", "otc"];

/// What the compiler asks for: the book of all faces, and a face by its number in the book.
pub(crate) struct Fonts {
    book: LazyHash<FontBook>,
    faces: Vec<Face>,
}

struct Face {
    file: PathBuf,
    index: u32,
    font: OnceLock<Option<Font>>,
}

impl Fonts {
    /// All faces in the folders and below, in the order of path and number within the file, so that the book does not depend on
    /// the order in which a folder is read. What cannot be read is no font.
    pub(crate) fn scan(folders: &[PathBuf]) -> Self {
        let mut files = Vec::new();
        folders.iter().for_each(|folder| font_files(folder, &mut files));
        files.sort();
        files.dedup();
        let (mut book, mut faces) = (FontBook::new(), Vec::new());
        for file in files {
            let Ok(data) = fs::read(&file) else { continue };
            for index in 0..ttf_parser::fonts_in_collection(&data).unwrap_or(1) {
                let Some(info) = FontInfo::new(&data, index) else { continue };
                book.push(info);
                faces.push(Face { file: file.clone(), index, font: OnceLock::new() });
            }
        }
        Self { book: LazyHash::new(book), faces }
    }

    pub(crate) fn book(&self) -> &LazyHash<FontBook> {
        &self.book
    }

    /// Face by its number in the book; `None` when the file is gone or broken.
    pub(crate) fn font(&self, index: usize) -> Option<Font> {
        let face = self.faces.get(index)?;
        let load = || Font::new(Bytes::new(fs::read(&face.file).ok()?), face.index);
        face.font.get_or_init(load).clone()
    }
}

fn font_files(folder: &Path, files: &mut Vec<PathBuf>) {
    for path in fs::read_dir(folder).into_iter().flatten().filter_map(|entry| entry.ok().map(|e| e.path())) {
        let ending = path.extension().and_then(|e| e.to_str()).map(str::to_lowercase);
        if path.is_dir() {
            font_files(&path, files);
        } else if ending.is_some_and(|e| FONT_ENDINGS.contains(&e.as_str())) {
            files.push(path);
        }
    }
}
