//! On which processor a program runs, so that who asks takes nothing from who answers.

use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};

use crate::process::Result;

/// The processors that this process may use.
pub fn all() -> Result<Vec<usize>> {
    let set = sched_getaffinity(None)?;
    Ok((0..CpuSet::MAX_CPU).filter(|core| set.is_set(*core)).collect())
}

/// Keeps this thread, and every thread and program that it starts from now on, on some processors.
pub fn keep_to(cores: &[usize]) -> Result<()> {
    let mut set = CpuSet::new();
    for core in cores {
        set.set(*core);
    }
    Ok(sched_setaffinity(None, &set)?)
}

/// Who runs where: the store and whoever asks it have a processor each; its database has the others, or that of the
/// store where there are but two.
pub struct Places {
    pub store: usize,
    pub asking: usize,
    pub database: Vec<usize>,
}

impl Places {
    /// Of this machine.
    pub fn here() -> Result<Self> {
        let cores = all()?;
        let [store, asking, others @ ..] = cores.as_slice() else {
            return Err("two processors are needed: one for the store, one for whoever asks it".into());
        };
        let database = if others.is_empty() { vec![*store] } else { others.to_vec() };
        Ok(Self { store: *store, asking: *asking, database })
    }
}
