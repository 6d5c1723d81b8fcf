//! The web app, and what the server shares with it.
//!
//! Without the feature `app` this crate is plain Rust: [`cover`], [`first_list`] and what they
//! need. The server and the command line use it to fill the page before any WASM has loaded.
//! With it, [`app`] is the page: `state` holds what it knows, `client` talks to the ranker worker,
//! and each other file is one part of what is seen. [`lab`] is what is loaded when it is first needed,
//! a module of its own; [`bridge`] is what the two say to each other.

pub mod bridge;
pub mod cover;
pub mod downloads;
pub mod escape;
pub mod first_list;
pub mod icons;
pub mod item;
pub mod share;
pub mod stats;
pub mod training;
pub mod words;

#[cfg(feature = "app")]
pub mod app;
#[cfg(feature = "app")]
mod client;
#[cfg(feature = "app")]
mod controls;
#[cfg(feature = "app")]
mod cover_link;
#[cfg(feature = "app")]
mod files;
#[cfg(feature = "app")]
mod for_you;
#[cfg(feature = "app")]
mod glide;
#[cfg(feature = "app")]
mod idle;
#[cfg(feature = "app")]
mod js;
#[cfg(feature = "app")]
pub mod lab;
#[cfg(feature = "app")]
mod language;
#[cfg(feature = "app")]
mod masthead;
#[cfg(feature = "app")]
mod network;
#[cfg(feature = "app")]
mod notices;
#[cfg(feature = "app")]
mod offline;
#[cfg(feature = "app")]
mod panel;
#[cfg(feature = "app")]
mod preferences;
#[cfg(feature = "app")]
mod preview;
#[cfg(feature = "app")]
mod row;
#[cfg(feature = "app")]
mod state;
#[cfg(feature = "app")]
mod timing;
#[cfg(feature = "app")]
mod wall;
