mod keys;
mod mailed;
mod sentences;
mod told;
