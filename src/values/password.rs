//! Passwords: as someone chooses one, and as someone enters one.
use zeroize::Zeroize;

use super::{Invalid, text_value};
use crate::languages::Sentence;

/// Shortest and longest password, bytes: long enough to resist guessing, short enough to hash.
const SHORTEST: usize = 10;
const LONGEST: usize = 256;
/// Fewest characters, whatever bytes they take (NIST SP 800-63B-4 §3.1.1.2).
const FEWEST: usize = 8;
/// The least zxcvbn score, 0 to 4: 2 withstands a throttled guesser.
const LEAST_SCORE: zxcvbn::Score = zxcvbn::Score::Two;

/// A new password: 10 to 256 bytes, 8 characters at least, not one that is guessed first.
///
/// Overwritten in memory when it is dropped.
#[derive(Clone)]
pub struct NewPassword(String);

text_value!(NewPassword, "new-password", 1, 256, "correct horse battery staple");

impl NewPassword {
    /// `too_short`, `too_long` (bytes) or `too_weak` (guessed in few tries).
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        if text.len() < SHORTEST {
            return Err(Invalid::new(
                "too_short",
                Sentence::from("must have at least { $least } bytes").with("least", SHORTEST),
            ));
        }
        if text.chars().count() < FEWEST {
            return Err(Invalid::new(
                "too_short",
                Sentence::from("must have at least { $least } characters").with("least", FEWEST),
            ));
        }
        if text.len() > LONGEST {
            return Err(too_long());
        }
        judge(text, &[])?;
        Ok(Self(text.to_owned()))
    }

    /// `too_weak` if it is guessed in few tries by who knows these words, such as the name of its owner.
    pub fn withstands(&self, known: &[&str]) -> Result<(), Invalid> {
        judge(&self.0, known)
    }
}

fn too_long() -> Invalid {
    Invalid::new("too_long", Sentence::from("must have at most { $most } bytes").with("most", LONGEST))
}

fn judge(text: &str, known: &[&str]) -> Result<(), Invalid> {
    if zxcvbn::zxcvbn(text, known).score() < LEAST_SCORE {
        return Err(Invalid::new("too_weak", "is among the first that would be guessed"));
    }
    Ok(())
}

impl Drop for NewPassword {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl std::fmt::Debug for NewPassword {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("NewPassword(…)")
    }
}

/// A password as someone enters it: 1 to 256 bytes, for no longer one was ever chosen.
///
/// Overwritten in memory when it is dropped.
#[derive(Clone)]
pub struct Password(String);

text_value!(Password, "password", 1, 256, "correct horse battery staple");

impl Password {
    /// `required` or `too_long` (bytes).
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        if text.is_empty() {
            return Err(Invalid::new("required", "must not be empty"));
        }
        if text.len() > LONGEST {
            return Err(too_long());
        }
        Ok(Self(text.to_owned()))
    }
}

impl Drop for Password {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl std::fmt::Debug for Password {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Password(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(text: &str) -> Option<&'static str> {
        NewPassword::parse(text).err().map(|invalid| invalid.code)
    }

    #[test]
    fn a_password_has_ten_to_256_bytes_all_of_which_count() {
        let longest = "a quiet violet engine ".repeat(12)[..256].to_owned();
        assert_eq!(NewPassword::parse(&longest).unwrap().as_str(), longest);
        assert_eq!(code(&format!("{longest}!")), Some("too_long"));
        assert_eq!(code("gz7!Qx_2v"), Some("too_short"));
        assert_eq!(code("gz7!Qx_2vK"), None);
        // Bytes, not characters.
        assert_eq!(code(&"ö".repeat(129)), Some("too_long"));
    }

    /// zxcvbn brings lists of common passwords, names and words along.
    #[test]
    fn common_passwords_are_refused_as_they_are_and_disguised() {
        for common in [
            "1234567890",
            "qwertyuiop",
            "1q2w3e4r5t",
            "basketball",
            "manchester",
            "q1w2e3r4t5y6",
            "1qaz2wsx3edc",
            "christopher",
            "passw0rd123",
            "P@ssword1234",
            "football123",
            "iloveyou12",
            "aaaaaaaaaaaa",
            "abcdefghijkl",
            "2026-11-22",
            "trustno1234",
        ] {
            assert_eq!(code(common), Some("too_weak"), "{common}");
        }
    }

    /// What is judged is bounded, so that the longest password costs no more than a short one.
    #[test]
    fn only_the_first_hundred_characters_are_judged() {
        for pattern in ["a", "1a", "p@ssw0rd", "qwertyuiop", "20261122", "abcabd"] {
            let long: String = pattern.chars().cycle().take(LONGEST).collect();
            let short: String = long.chars().take(100).collect();
            let score = |text: &str| zxcvbn::zxcvbn(text, &[]).guesses();
            assert_eq!(score(&long), score(&short), "{pattern}");
        }
    }
}
