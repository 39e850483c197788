//! The built-in font, and those found on the machine for what it lacks.
use std::{
    collections::HashMap,
    fs,
    ops::RangeInclusive,
    path::{Path, PathBuf},
    sync::{Arc, LazyLock, OnceLock, PoisonError, RwLock},
};

use krilla::text::Font;
use rustybuzz::{
    Direction, GlyphBuffer, Script, ShapePlan, UnicodeBuffer,
    ttf_parser::{self, Face},
};

use crate::Error;

/// Latin, Greek, Cyrillic, Hebrew, Arabic and more: DejaVu Sans, see `fonts/LICENSE`.
static BUILT_IN: &[u8] = include_bytes!("../fonts/DejaVuSans.ttf");
/// Where fonts lie on Linux and macOS.
const SYSTEM: [&str; 4] =
    ["/usr/share/fonts", "/usr/local/share/fonts", "/Library/Fonts", "/System/Library/Fonts"];
/// Files that are looked at.
const MOST_FILES: usize = 2_000;
/// Bytes of a file that is looked at.
const LARGEST: u64 = 64 * 1024 * 1024;
/// Folders within folders that are looked at.
const DEEPEST: usize = 6;

/// The fonts of a printer.
#[derive(Debug, Default)]
pub struct Fonts {
    roots: Vec<PathBuf>,
    found: OnceLock<Vec<Found>>,
}

/// A font of the machine: what it covers, but not its bytes.
#[derive(Debug)]
struct Found {
    path: PathBuf,
    index: u32,
    covers: Vec<RangeInclusive<u32>>,
    /// Neither bold nor slanted, narrow nor of one width.
    plain: bool,
}

impl Fonts {
    /// The built-in font and those of these files and folders; of the system's folders when none is named.
    pub fn new(roots: Vec<PathBuf>) -> Self {
        let roots = if roots.is_empty() { SYSTEM.map(PathBuf::from).into() } else { roots };
        Self { roots, found: OnceLock::new() }
    }

    /// Whether every letter of a text can be printed.
    pub fn cover(&self, text: &str) -> bool {
        let Some(built_in) = BUILT_IN_FACE.as_ref() else { return false };
        let seen = |letter: char| letter.is_whitespace() || built_in.glyph_index(letter).is_some();
        text.chars().all(|letter| seen(letter) || self.with(letter).is_some())
    }

    /// The place of the best font of the machine that has a letter.
    fn with(&self, letter: char) -> Option<usize> {
        self.found().iter().position(|font| font.has(letter))
    }

    fn found(&self) -> &[Found] {
        self.found.get_or_init(|| {
            let mut files = Vec::new();
            self.roots.iter().for_each(|root| list(root, 0, &mut files));
            files.sort();
            let mut found: Vec<Found> = files.iter().flat_map(|path| read(path)).collect();
            found.sort_by_key(|font| !font.plain);
            found
        })
    }
}

impl Found {
    fn has(&self, letter: char) -> bool {
        let letter = u32::from(letter);
        let behind = self.covers.partition_point(|range| *range.start() <= letter);
        behind.checked_sub(1).and_then(|at| self.covers.get(at)).is_some_and(|range| range.contains(&letter))
    }
}

/// The files of fonts below a folder; what can't be read is passed over.
fn list(root: &Path, depth: usize, files: &mut Vec<PathBuf>) {
    if root.is_file() && files.len() < MOST_FILES {
        let ending = root.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
        if ["ttf", "otf", "ttc", "otc"].contains(&ending.to_ascii_lowercase().as_str()) {
            files.push(root.to_owned());
        }
    } else if depth < DEEPEST
        && let Ok(folder) = fs::read_dir(root)
    {
        folder.flatten().for_each(|entry| list(&entry.path(), depth + 1, files));
    }
}

/// The fonts of a file that have outlines.
fn read(path: &Path) -> Vec<Found> {
    let small = fs::metadata(path).is_ok_and(|about| about.len() <= LARGEST);
    let Some(bytes) = small.then(|| fs::read(path).ok()).flatten() else { return Vec::new() };
    let fonts = 0..ttf_parser::fonts_in_collection(&bytes).unwrap_or(1);
    fonts.filter_map(|index| found(path, &bytes, index)).collect()
}

fn found(path: &Path, bytes: &[u8], index: u32) -> Option<Found> {
    let face = Face::parse(bytes, index).ok()?;
    let tables = face.tables();
    if tables.glyf.is_none() && tables.cff.is_none() {
        return None;
    }
    let mut letters = Vec::new();
    for table in tables.cmap?.subtables.into_iter().filter(|table| table.is_unicode()) {
        table.codepoints(|letter| letters.push(letter));
    }
    letters.sort_unstable();
    let mut covers: Vec<RangeInclusive<u32>> = Vec::new();
    for letter in letters {
        match covers.last_mut() {
            Some(last) if letter <= last.end().saturating_add(1) => *last = *last.start()..=letter,
            _ => covers.push(letter..=letter),
        }
    }
    let plain = face.weight().to_number() == 400
        && !face.is_italic()
        && !face.is_oblique()
        && !face.is_monospaced()
        && face.width().to_number() == 5;
    Some(Found { path: path.to_owned(), index, covers, plain })
}

/// The built-in font as the shaper reads it: once, for its tables are many.
static BUILT_IN_FACE: LazyLock<Option<rustybuzz::Face<'static>>> =
    LazyLock::new(|| rustybuzz::Face::from_slice(BUILT_IN, 0));
/// How the built-in font shapes a script in a direction: there are few of them, and each costs more than what it shapes.
static BUILT_IN_PLANS: RwLock<Vec<Plan>> = RwLock::new(Vec::new());

/// For which direction and script it is, and how it is done.
type Plan = (Direction, Option<Script>, Arc<ShapePlan>);
/// The bytes of a file.
type Bytes = Arc<dyn AsRef<[u8]> + Send + Sync>;

/// A font that is at hand.
pub(crate) struct Loaded {
    pub(crate) font: Font,
    /// Of a font of the machine: its bytes, and its place in their collection.
    bytes: Option<(Bytes, u32)>,
}

impl Loaded {
    fn built_in() -> Option<Self> {
        let bytes: Bytes = Arc::new(BUILT_IN);
        Some(Self { font: Font::new(bytes.into(), 0)?, bytes: None })
    }

    fn new(bytes: Bytes, index: u32) -> Option<Self> {
        let font = Font::new(Arc::clone(&bytes).into(), index)?;
        Some(Self { font, bytes: Some((bytes, index)) })
    }

    /// The glyphs of a text of one script.
    pub(crate) fn shape(&self, mut text: UnicodeBuffer) -> Option<GlyphBuffer> {
        let Some((bytes, index)) = &self.bytes else {
            let face = BUILT_IN_FACE.as_ref()?;
            text.guess_segment_properties();
            return Some(rustybuzz::shape_with_plan(face, &plan(face, &text), text));
        };
        let face = rustybuzz::Face::from_slice((**bytes).as_ref(), *index)?;
        Some(rustybuzz::shape(&face, &[], text))
    }

    fn has(&self, letter: char) -> bool {
        let glyph = match &self.bytes {
            None => BUILT_IN_FACE.as_ref().and_then(|face| face.glyph_index(letter)),
            Some((bytes, index)) => {
                let face = Face::parse((**bytes).as_ref(), *index);
                face.ok().and_then(|face| face.glyph_index(letter))
            }
        };
        glyph.is_some()
    }
}

/// How the built-in font shapes a text.
fn plan(face: &rustybuzz::Face<'_>, text: &UnicodeBuffer) -> Arc<ShapePlan> {
    let direction = text.direction();
    let script = Some(text.script()).filter(|script| *script != rustybuzz::script::UNKNOWN);
    let plans = BUILT_IN_PLANS.read().unwrap_or_else(PoisonError::into_inner);
    if let Some((.., plan)) = plans.iter().find(|(to, of, _)| (*to, *of) == (direction, script)) {
        return Arc::clone(plan);
    }
    drop(plans);
    let made = Arc::new(ShapePlan::new(face, direction, script, None, &[]));
    let mut plans = BUILT_IN_PLANS.write().unwrap_or_else(PoisonError::into_inner);
    plans.push((direction, script, Arc::clone(&made)));
    made
}

/// The fonts that one document uses.
pub(crate) struct Cases<'a> {
    fonts: &'a Fonts,
    loaded: Vec<Loaded>,
    /// Where a font of the machine lies among those loaded; none where it can't be read any more.
    places: HashMap<usize, Option<usize>>,
    /// Which font a letter is printed with.
    letters: HashMap<char, usize>,
}

impl<'a> Cases<'a> {
    pub(crate) fn new(fonts: &'a Fonts) -> Result<Self, Error> {
        let built_in = Loaded::built_in().ok_or(Error::Font)?;
        Ok(Self { fonts, loaded: vec![built_in], places: HashMap::new(), letters: HashMap::new() })
    }

    /// One of the fonts.
    pub(crate) fn font(&self, place: usize) -> Option<&Loaded> {
        self.loaded.get(place)
    }

    /// Whether a font has a letter.
    pub(crate) fn has(&self, place: usize, letter: char) -> bool {
        self.font(place).is_some_and(|font| font.has(letter))
    }

    /// The font that a letter is printed with: the built-in one also for what no font has.
    pub(crate) fn of(&mut self, letter: char) -> usize {
        if let Some(place) = self.letters.get(&letter) {
            return *place;
        }
        let place = if self.has(0, letter) { 0 } else { self.load(letter).unwrap_or(0) };
        self.letters.insert(letter, place);
        place
    }

    fn load(&mut self, letter: char) -> Option<usize> {
        let which = self.fonts.with(letter)?;
        if let Some(place) = self.places.get(&which) {
            return *place;
        }
        let font = self.fonts.found().get(which).and_then(|found| {
            let bytes: Bytes = Arc::new(fs::read(&found.path).ok()?);
            Loaded::new(bytes, found.index)
        });
        let place = font.map(|font| {
            self.loaded.push(font);
            self.loaded.len() - 1
        });
        self.places.insert(which, place);
        place
    }
}
