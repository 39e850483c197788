//! What is found by words, and in which order.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]
use search::{
    By, Document, Filters, Found, Index, Market, Opened, Query, Rebuild, Sort, Text, Why, Words, fold,
};
use uuid::Uuid;

/// A title with a popularity; what else is said of it; the same in another language.
type Said<'a> = (&'a str, i64, &'a str, Option<(&'a str, &'a str)>);

fn document(number: u128, said: &Said<'_>) -> Document {
    let (title, popularity, body, other) = said;
    let text = |language: &str, title: &str, body: &str| Text {
        language: language.to_owned(),
        title: title.to_owned(),
        body: body.to_owned(),
    };
    let mut texts = vec![text("en", title, body)];
    texts.extend(other.map(|(language, title)| text(language, title, "")));
    Document {
        id: Uuid::from_u128(number),
        sort_title: fold(title),
        texts,
        popularity: *popularity,
        ..Document::default()
    }
}

struct Shelf {
    index: Index,
    titles: Vec<String>,
    _folder: tempfile::TempDir,
}

impl Shelf {
    fn of(said: &[Said<'_>]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let build = Rebuild::begin(folder.path(), 1).unwrap();
        let documents: Vec<Document> = (1..).zip(said).map(|(number, said)| document(number, said)).collect();
        build.add(&documents).unwrap();
        let titles = said.iter().map(|said| said.0.to_owned()).collect();
        Self { index: build.finish("").unwrap(), titles, _folder: folder }
    }

    /// The same with stars: an average and how many they are.
    fn rated(said: &[(Said<'_>, (f64, i64))]) -> Self {
        let shelf = Self::of(&said.iter().map(|(said, _)| *said).collect::<Vec<_>>());
        let rated: Vec<Document> = (1..)
            .zip(said)
            .map(|(number, (said, (average, count)))| Document {
                rating_average: *average,
                rating_count: *count,
                ..document(number, said)
            })
            .collect();
        shelf.index.apply(&rated, &[], "").unwrap();
        shelf
    }

    fn ask(&self, words: &str, language: &str) -> Found {
        self.index.snapshot().search(&Self::query(words, language)).unwrap()
    }

    fn query(words: &str, language: &str) -> Query {
        Query {
            words: Some(Words::of(words).unwrap()),
            languages: vec![language.to_owned()],
            filters: Filters::default(),
            market: Market { currency: *b"USD", country: *b"US" },
            now: 0,
            sort: Sort { by: By::Relevance, descending: true },
            after: None,
            limit: 24,
            facets: Vec::new(),
            count: true,
        }
    }

    fn title(&self, id: Uuid) -> &str {
        self.titles[usize::try_from(id.as_u128()).unwrap() - 1].as_str()
    }

    fn find(&self, words: &str) -> Vec<&str> {
        self.find_in(words, "en")
    }

    fn find_in(&self, words: &str, language: &str) -> Vec<&str> {
        let hits = self.ask(words, language).hits;
        hits.into_iter().map(|hit| self.title(hit.id)).collect()
    }
}

#[test]
fn what_fits_better_comes_first_and_of_equals_what_is_bought_more() {
    let shelf = Shelf::of(&[
        ("Questing Beast", 9, "", None),
        ("Chess", 5, "a quest for the king", None),
        ("The Long Quest", 1, "", None),
        ("Quest", 0, "", None),
        ("A Quest", 7, "", None),
        ("Solitaire", 99, "", None),
    ]);
    assert_eq!(shelf.find("quest"), ["Quest", "A Quest", "The Long Quest", "Questing Beast", "Chess"]);
    assert_eq!(shelf.find("long quest"), ["The Long Quest"]);
    assert_eq!(shelf.find("QUES")[0], "Questing Beast", "the last word may be only begun");
    assert_eq!(shelf.ask("quest", "en").total, Some(5));
}

#[test]
fn of_what_is_bought_as_often_the_better_rated_comes_first_on_every_page() {
    let shelf = Shelf::rated(&[
        (("Quest One", 5, "", None), (3.0, 9)),
        (("Quest Two", 5, "", None), (4.5, 2)),
        (("Quest Three", 5, "", None), (4.5, 7)),
        (("Quest Four", 5, "", None), (3.0, 9)),
        (("Quest Five", 6, "", None), (1.0, 1)),
    ]);
    let order = ["Quest Five", "Quest Three", "Quest Two", "Quest Four", "Quest One"];
    assert_eq!(shelf.find("quest"), order, "and of those rated alike the younger id, as in every order");
    let snapshot = shelf.index.snapshot();
    let (mut query, mut walked) = (Shelf::query("quest", "en"), Vec::new());
    (query.limit, query.count) = (1, false);
    loop {
        let found = snapshot.search(&query).unwrap();
        query.after = found.hits.first().map(|hit| hit.place.clone());
        walked.extend(found.hits.iter().map(|hit| shelf.title(hit.id)));
        if !found.more {
            break;
        }
    }
    assert_eq!(walked, order);
}

#[test]
fn case_marks_and_endings_do_not_matter() {
    let shelf = Shelf::of(&[("Café Ångström", 1, "", None), ("Two Foxes", 1, "jumping games", None)]);
    assert_eq!(shelf.find("cafe angstrom"), ["Café Ångström"]);
    assert_eq!(shelf.find("CAFÉ"), ["Café Ångström"]);
    assert_eq!(shelf.find("jumped game"), ["Two Foxes"]);
}

#[test]
fn every_translation_is_searched_and_the_readers_own_comes_first() {
    let shelf = Shelf::of(&[
        ("Gift", 9, "", None),
        ("Poison", 1, "", Some(("de", "Gift"))),
        ("Present", 5, "", Some(("fr", "Cadeau"))),
    ]);
    assert_eq!(shelf.find_in("cadeau", "en"), ["Present"]);
    assert_eq!(shelf.find_in("gift", "en"), ["Gift", "Poison"]);
}

#[test]
fn scripts_without_spaces_are_found_by_any_part() {
    let shelf = Shelf::of(&[("東京タワーの冒険", 1, "", None), ("京都の夜", 2, "", None)]);
    assert_eq!(shelf.find("タワー"), ["東京タワーの冒険"]);
    assert_eq!(shelf.find("京都"), ["京都の夜"]);
    assert_eq!(shelf.find("冒険"), ["東京タワーの冒険"]);
    assert_eq!(shelf.find("夜"), ["京都の夜"]);
}

#[test]
fn letters_may_be_wrong_by_the_length_of_the_word() {
    let shelf = Shelf::of(&[("Battlefield", 1, "", None), ("Moon", 1, "", None), ("Sun", 1, "", None)]);
    for wrong in ["batlefield", "batltefield", "battlefeild", "btatlefeild", "battelfielt"] {
        assert_eq!(shelf.find(wrong), ["Battlefield"], "{wrong}");
    }
    assert_eq!(shelf.find("mooon"), ["Moon"]);
    let shelf =
        Shelf::of(&[("Chess", 1, "", None), ("Checkers", 9, "", None), ("Chess Master", 2, "", None)]);
    assert_eq!(shelf.find("chess"), ["Chess", "Chess Master"], "no word is so much like another");
    assert_eq!(shelf.find("hcezs"), ["Chess"], "two of five letters, for it is the whole title");
    let shelf = Shelf::of(&[("Sun", 1, "", None)]);
    assert!(shelf.find("sum").is_empty(), "three letters are too few to guess");
}

#[test]
fn nothing_found_asks_what_was_meant() {
    let shelf = Shelf::of(&[("Sun", 1, "", None), ("Dark Castle", 1, "", None)]);
    let found = shelf.ask("zun", "en");
    assert!(found.hits.is_empty());
    assert_eq!(found.did_you_mean.as_deref(), Some("sun"));
    assert_eq!(shelf.ask("qqqqqqqqqqqq", "en").did_you_mean, None);
}

#[test]
fn a_proposal_finds_something_and_leaves_what_is_known_as_it_is() {
    let shelf = Shelf::of(&[
        ("Sun Temple", 1, "a quiet walk", None),
        ("Quilt", 1, "", None),
        ("Dark Castle", 1, "", None),
        ("東京タワー", 1, "", None),
    ]);
    let meant = |words: &str| {
        let found = shelf.ask(words, "en");
        assert!(found.hits.is_empty(), "{words}");
        found.did_you_mean
    };
    assert_eq!(meant("zun quiet").as_deref(), Some("sun quiet"), "it is said of one, though no title has it");
    assert_eq!(meant("zun qui").as_deref(), Some("sun qui"), "and so is what it begins with");
    assert_eq!(meant("zun castle"), None, "nothing has both");
    assert_eq!(meant("東京ワターの夜"), None, "letters in pairs are no words");
}

#[test]
fn hostile_words_are_words() {
    let shelf = Shelf::of(&[("C++ (a)", 1, "", None)]);
    let thousand = (0..1000).map(|number| number.to_string()).collect::<Vec<_>>().join(" ");
    for hostile in [&"a".repeat(10_000), &thousand, ".*", "^(a+)+$", "\"", "a AND NOT b", "\u{0}", "%_\\"] {
        if let Some(words) = Words::of(hostile) {
            drop(words);
            shelf.ask(hostile, "en");
        }
    }
    assert_eq!(shelf.find("c++ a"), ["C++ (a)"]);
}

#[test]
fn an_index_that_cannot_be_used_says_why() {
    let folder = tempfile::tempdir().unwrap();
    let why = |version| match Index::open(folder.path(), version).unwrap() {
        Opened::There(index) => Err(index.note().unwrap()),
        Opened::Absent(why) => Ok(why),
    };
    assert_eq!(why(1), Ok(Why::Missing));
    let build = Rebuild::begin(folder.path(), 1).unwrap();
    build.add(&[document(1, &("Quest", 1, "", None))]).unwrap();
    assert_eq!(why(1), Ok(Why::Missing), "what is being built does not count");
    drop(build.finish("seven").unwrap());
    assert_eq!(why(1), Err(Some("seven".to_owned())));
    assert_eq!(why(2), Ok(Why::OtherVersion));
    for entry in std::fs::read_dir(folder.path().join("generation-1")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|kind| kind == "fast" || kind == "term") {
            std::fs::write(&path, b"not what was written").unwrap();
        }
    }
    assert_eq!(why(1), Ok(Why::Damaged));
}
