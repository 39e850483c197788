//! Privacy: taking one's data along, erasing it, what is forgotten by itself, and what the audit log keeps.
mod audit;
mod erasure;
mod export;
mod person;
mod retention;
mod whole_export;
