//! Passwords: as someone chooses one, and as someone enters one.
use zeroize::Zeroize;

use super::{Invalid, text_value};

/// Shortest and longest password, bytes: long enough to resist guessing, short enough to hash.
const SHORTEST: usize = 10;
const LONGEST: usize = 256;
/// The least zxcvbn score, 0 to 4: 2 withstands a throttled guesser.
const LEAST_SCORE: zxcvbn::Score = zxcvbn::Score::Two;

/// A new password: 10 to 256 bytes, not one that is guessed first.
///
/// Overwritten in memory when it is dropped.
#[derive(Clone)]
pub struct NewPassword(String);

text_value!(NewPassword, "new-password", 1, 256, "correct horse battery staple");

impl NewPassword {
    /// `too_short`, `too_long` (bytes) or `too_weak` (guessed in few tries).
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        if text.len() < SHORTEST {
            return Err(Invalid::new("too_short", "must have at least 10 bytes"));
        }
        if text.len() > LONGEST {
            return Err(Invalid::new("too_long", "must have at most 256 bytes"));
        }
        if zxcvbn::zxcvbn(text, &[]).score() < LEAST_SCORE {
            return Err(Invalid::new("too_weak", "is among the first that would be guessed"));
        }
        Ok(Self(text.to_owned()))
    }
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
            return Err(Invalid::new("too_long", "must have at most 256 bytes"));
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
