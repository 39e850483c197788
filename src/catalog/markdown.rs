//! Descriptions: Markdown in, HTML out that is safe on any page.
use std::{
    collections::HashSet,
    sync::{Arc, OnceLock},
};

use ammonia::Builder;
use moka::future::Cache;
use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd, html};

use crate::keys::sha256;

/// Deepest nesting of blocks and spans that is rendered; what lies deeper loses its outer form and keeps its text.
const DEEPEST: usize = 24;
/// What remains of the HTML that Markdown makes. Pictures of other sites would tell them who reads.
const ELEMENTS: &[&str] = &[
    "p",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "ul",
    "ol",
    "li",
    "blockquote",
    "pre",
    "code",
    "em",
    "strong",
    "del",
    "a",
    "br",
    "hr",
    "table",
    "thead",
    "tbody",
    "tr",
    "th",
    "td",
];
/// Where links may lead.
const SCHEMES: &[&str] = &["http", "https", "mailto"];

/// Bytes of HTML that are remembered.
const REMEMBERED: u64 = 8 * 1024 * 1024;

/// [`render`], remembering what it made of the texts seen lately: the same text always becomes the same HTML.
pub(super) async fn rendered(markdown: &str) -> String {
    static MEMORY: OnceLock<Cache<Vec<u8>, Arc<str>>> = OnceLock::new();
    let memory = MEMORY.get_or_init(|| {
        let weight = |_: &Vec<u8>, html: &Arc<str>| u32::try_from(html.len()).unwrap_or(u32::MAX);
        Cache::builder().weigher(weight).max_capacity(REMEMBERED).build()
    });
    let html = memory.get_with(sha256(markdown.as_bytes()), async { Arc::from(render(markdown)) }).await;
    html.to_string()
}

/// Renders Markdown (CommonMark with tables and strikethrough). HTML in the text is shown, not interpreted.
fn render(markdown: &str) -> String {
    let mut rendered = String::with_capacity(markdown.len() * 3 / 2);
    let mut depth = 0_usize;
    let shallow = Parser::new_ext(markdown, Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH)
        .filter(move |event| bounded(event, &mut depth))
        .map(|event| match event {
            Event::Html(text) | Event::InlineHtml(text) => Event::Text(text),
            Event::Start(Tag::HtmlBlock) => Event::Start(Tag::Paragraph),
            Event::End(TagEnd::HtmlBlock) => Event::End(TagEnd::Paragraph),
            other => other,
        });
    html::push_html(&mut rendered, shallow);
    sanitiser().clean(&rendered).to_string()
}

/// Whether an event lies no deeper than is rendered; texts always do.
fn bounded(event: &Event<'_>, depth: &mut usize) -> bool {
    match event {
        Event::Start(_) => {
            *depth += 1;
            *depth <= DEEPEST
        }
        Event::End(_) => {
            *depth = depth.saturating_sub(1);
            *depth < DEEPEST
        }
        _ => true,
    }
}

fn sanitiser() -> &'static Builder<'static> {
    static SANITISER: OnceLock<Builder<'static>> = OnceLock::new();
    SANITISER.get_or_init(|| {
        let mut builder = Builder::empty();
        builder
            .tags(ELEMENTS.iter().copied().collect())
            .add_tag_attributes("a", &["href", "title"])
            .add_tag_attributes("ol", &["start"])
            .url_schemes(SCHEMES.iter().copied().collect::<HashSet<_>>())
            .link_rel(Some("nofollow noopener"));
        builder
    })
}

#[cfg(test)]
mod tests {
    use super::render;

    #[test]
    fn markdown_becomes_html() {
        assert_eq!(
            render("**Now** with\n\n- fish"),
            "<p><strong>Now</strong> with</p>\n<ul>\n<li>fish</li>\n</ul>\n"
        );
        assert_eq!(
            render("[home](https://example.com)"),
            "<p><a href=\"https://example.com\" rel=\"nofollow noopener\">home</a></p>\n"
        );
    }

    #[test]
    fn nothing_in_a_text_runs() {
        for attack in [
            "<script>alert(1)</script>",
            "<img src=x onerror=alert(1)>",
            "a <b onclick=alert(1)>b</b>",
            "[x](javascript:alert(1))",
            "[x](JaVaScRiPt:alert(1))",
            "[x](java\tscript:alert(1))",
            "[x](&#106;avascript:alert(1))",
            "[x](data:text/html,<script>alert(1)</script>)",
            "[x](vbscript:alert(1))",
            "<javascript:alert(1)>",
            "![x](https://example.com/x.png\"onerror=\"alert(1))",
            "<svg><style><img src=x onerror=alert(1)>",
            "<a href=\"javascript:alert(1)\">x</a>",
            "[x]: javascript:alert(1)\n\n[x]",
            "```html\"><script>\nalert(1)\n```",
            "<math><mtext><table><mglyph><style><!--</style><img title=\"--&gt;&lt;img src=1 onerror=alert(1)&gt;\">",
        ] {
            let html = render(attack);
            for part in html.split('<').skip(1) {
                let tag = part.split('>').next().unwrap();
                assert!(!tag.contains("on") || !tag.contains("alert"), "{attack:?} gave {html:?}");
                assert!(!tag.to_lowercase().contains("script"), "{attack:?} gave {html:?}");
                assert!(!tag.starts_with("img") && !tag.starts_with("svg"), "{attack:?} gave {html:?}");
                assert!(!tag.contains("data:"), "{attack:?} gave {html:?}");
            }
        }
    }

    #[test]
    fn html_in_a_text_is_shown() {
        assert_eq!(render("a <b>b</b>"), "<p>a &lt;b&gt;b&lt;/b&gt;</p>\n");
        assert!(render("<div>\nx\n</div>").contains("&lt;div&gt;"));
    }

    #[test]
    fn deep_nesting_is_cut() {
        let began = std::time::Instant::now();
        for deep in ["> ".repeat(50_000), "*".repeat(100_000), "[".repeat(100_000), "- ".repeat(50_000)] {
            let html = render(&deep);
            assert!(html.matches("<blockquote>").count() <= 24 && html.matches("<li>").count() <= 24);
        }
        assert!(began.elapsed().as_secs() < 20);
    }
}
