//! What somebody finds in their mailbox.
use base64::{Engine, engine::general_purpose::STANDARD};

use super::TestApp;

/// A mail as its reader sees it.
#[derive(Clone, Debug)]
pub struct Letter {
    pub headers: String,
    pub subject: String,
    pub text: String,
    pub html: String,
    /// What is attached: name and bytes of each.
    pub files: Vec<(String, Vec<u8>)>,
}

impl Letter {
    /// From the text of an `.eml` file.
    pub fn read(mail: &str) -> Self {
        let (headers, body) = mail.split_once("\r\n\r\n").unwrap();
        // That of text and HTML, around which attachments may stand.
        let alternative = mail.split("multipart/alternative;").nth(1).unwrap();
        let boundary = alternative.split("boundary=\"").nth(1).unwrap().split('"').next().unwrap();
        let between = format!("--{boundary}");
        let part = |kind: &str| {
            let parts = body.split(&between);
            let part = parts.map(str::trim_start).find(|part| part.contains(kind)).unwrap();
            let (headers, content) = part.split_once("\r\n\r\n").unwrap();
            decoded(headers, content).trim().to_owned()
        };
        Self {
            headers: headers.to_owned(),
            subject: headers.lines().find_map(|line| line.strip_prefix("Subject: ")).unwrap().to_owned(),
            text: part("text/plain"),
            html: part("text/html"),
            files: files(mail),
        }
    }

    /// The address of the link in it, and the token that the address holds.
    pub fn link(&self) -> (String, String) {
        let url = self.text.lines().find(|line| line.starts_with("http")).unwrap().trim().to_owned();
        let token = url.split("token=").nth(1).unwrap().to_owned();
        assert!(
            self.html.contains(&format!("href=\"{}\"", url.replace('/', "&#x2f;")))
                || self.html.contains(&url)
        );
        (url, token)
    }
}

fn files(mail: &str) -> Vec<(String, Vec<u8>)> {
    let attached = mail.split("Content-Disposition: attachment; filename=\"").skip(1);
    let read = |part: &str| {
        let name = part.split('"').next().unwrap().to_owned();
        let content = part.split_once("\r\n\r\n").unwrap().1.split("\r\n--").next().unwrap();
        let content: String = content.split_whitespace().collect();
        (name, STANDARD.decode(content).unwrap())
    };
    attached.map(read).collect()
}

fn decoded(headers: &str, content: &str) -> String {
    if headers.contains("base64") {
        let text: String = content.split_whitespace().collect();
        return String::from_utf8(STANDARD.decode(text).unwrap()).unwrap();
    }
    if !headers.contains("quoted-printable") {
        return content.replace("\r\n", "\n");
    }
    let text = content.replace("=\r\n", "").replace("\r\n", "\n");
    let mut pieces = text.split('=');
    let mut bytes = pieces.next().unwrap().as_bytes().to_vec();
    for piece in pieces {
        bytes.push(u8::from_str_radix(&piece[..2], 16).unwrap());
        bytes.extend_from_slice(&piece.as_bytes()[2..]);
    }
    String::from_utf8(bytes).unwrap()
}

impl TestApp {
    /// The mails to an address so far, oldest first, after every job that is due has run.
    pub async fn letters(&self, address: &str) -> Vec<Letter> {
        self.run_jobs().await;
        let to = format!("To: {address}");
        let theirs = |mail: &String| mail.lines().any(|line| line == to);
        self.mails().iter().filter(|mail| theirs(mail)).map(|mail| Letter::read(mail)).collect()
    }

    /// The subjects of those mails, without the store's name.
    pub async fn subjects(&self, address: &str) -> Vec<String> {
        let letters = self.letters(address).await;
        letters.into_iter().map(|letter| letter.subject.trim_start_matches("Mist: ").to_owned()).collect()
    }

    /// Proves the address that somebody registered with.
    pub async fn prove(&self, address: &str) {
        let token = self.token_for(address, "/verify-email").await;
        let reply =
            self.nobody().post("/api/v1/auth/email/verify", serde_json::json!({"token": token})).await;
        assert_eq!(reply.status, 204, "{}", reply.text());
    }

    /// The token of the newest mail to an address that leads to a page, in whatever language it is.
    pub async fn token_for(&self, address: &str, page: &str) -> String {
        let letters = self.letters(address).await;
        let page = format!("{page}?token=");
        let newest = letters.iter().rev().find(|letter| letter.text.contains(&page));
        newest.unwrap_or_else(|| panic!("no mail leads to {page} among {letters:#?}")).link().1
    }

    /// The token of the newest mail to an address that says this in its subject.
    pub async fn token(&self, address: &str, subject: &str) -> String {
        let letters = self.letters(address).await;
        let newest = letters.iter().rev().find(|letter| letter.subject.contains(subject));
        newest.unwrap_or_else(|| panic!("no mail `{subject}` among {letters:#?}")).link().1
    }
}
