//! The API as its users see it: every test talks HTTP to a store of its own.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, unreachable_pub)]

mod access;
mod accounts;
mod architecture;
mod backoffice;
mod backup;
mod bounces;
mod catalog;
mod checkout;
mod community;
mod conventions;
mod courier;
mod delivery;
mod demo;
mod deployment;
mod doctor;
mod events;
mod faults;
mod feeds;
mod import;
mod injection;
mod jobs;
mod languages;
mod log_leaks;
mod mail;
mod metrics;
mod notifications;
mod openapi;
mod privacy;
mod sales;
mod ses;
mod statistics;
mod storefront;
mod support;
mod webhooks;
